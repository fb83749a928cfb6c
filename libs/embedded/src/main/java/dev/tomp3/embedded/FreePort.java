package dev.tomp3.embedded;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port for somebody who listens on it later. It is none of those that the system itself gives to
 * outgoing connections (from 32768 on Linux, from 49152 elsewhere), as one of these may be gone by
 * then.
 */
public final class FreePort {
    private static final int FIRST = 16_384;
    private static final int COUNT = 16_384;
    private static final int TRIES = 1000;

    /**
     * Anywhere, as other processes look for ports, too; and from there on, so that none is told
     * twice.
     */
    private static final AtomicInteger last =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT / 2));

    private FreePort() {}

    /** On loopback. */
    public static int next() throws IOException {
        return next(InetAddress.getLoopbackAddress());
    }

    /**
     * A port that is free on an address of this machine, and the one after it as well.
     *
     * @throws IOException when none is found, or the address is not this machine's
     */
    public static int next(InetAddress address) throws IOException {
        for (int i = 1; ; i++) {
            int port = FIRST + Math.floorMod(2 * last.getAndIncrement(), COUNT);
            try (ServerSocket socket = new ServerSocket();
                    ServerSocket following = new ServerSocket()) {
                socket.bind(new InetSocketAddress(address, port));
                following.bind(new InetSocketAddress(address, port + 1));
                return port;
            } catch (BindException e) {
                if (i == TRIES) throw e;
            }
        }
    }
}
