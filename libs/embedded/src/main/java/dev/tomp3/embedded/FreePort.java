package dev.tomp3.embedded;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Finds ports for servers that are started later. They are outside the range from which the system
 * takes ports for outgoing connections (from 32768 on Linux, from 49152 elsewhere), because one of
 * those could be taken in the meantime.
 */
public final class FreePort {
    private static final int FIRST = 16_384;
    private static final int COUNT = 16_384;
    private static final int MAX_ATTEMPTS = 1000;

    /** The search starts at a random port, because other processes search as well. */
    private static final AtomicInteger next =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT / 2));

    private FreePort() {}

    /** A free port on loopback. */
    public static int next() throws IOException {
        return next(InetAddress.getLoopbackAddress());
    }

    /**
     * A free port on an address of this machine.
     *
     * @throws IOException if none is found, or the address is not one of this machine
     */
    public static int next(InetAddress address) throws IOException {
        return find(address, 1);
    }

    /** A port that is free on loopback, as is the one after it. */
    public static int pair() throws IOException {
        return find(InetAddress.getLoopbackAddress(), 2);
    }

    private static int find(InetAddress address, int count) throws IOException {
        for (int i = 1; ; i++) {
            int port = FIRST + Math.floorMod(next.getAndAdd(count), COUNT - 1);
            try {
                for (int each = port; each < port + count; each++) checkFree(address, each);
                return port;
            } catch (BindException e) {
                if (i == MAX_ATTEMPTS) throw e;
            }
        }
    }

    private static void checkFree(InetAddress address, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, port));
        }
    }
}
