package dev.tomp3.standalone;

import dev.tomp3.embedded.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.Map;

/**
 * The addresses and the ports of the four services, as set in the environment. Only the gateway
 * listens on {@code BIND}: the other services are for this machine alone.
 *
 * @param gateway the address of the gateway
 */
record Ports(InetAddress gateway, Map<Service, Integer> numbers) {
    private static final String LOOPBACK = "127.0.0.1";

    /**
     * Reads the ports; 0 becomes a free one.
     *
     * @throws CommandException naming the port that is in use and the variable that sets it
     */
    static Ports of(Map<String, String> environment) throws CommandException {
        InetAddress address = address(environment.getOrDefault("BIND", LOOPBACK));
        Map<Service, Integer> numbers = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            int port = number(environment, service);
            if (service == Service.NOTIFICATION && port != 0) {
                port++; // METRICS_PORT is the converter's, the notifier has the next
            }
            numbers.put(service, port);
        }
        for (Map.Entry<Service, Integer> entry : numbers.entrySet()) {
            InetAddress of = address(address, entry.getKey());
            entry.setValue(free(of, entry.getValue(), entry.getKey()));
        }
        return new Ports(address, numbers);
    }

    /** The address that a service listens on. */
    InetAddress address(Service service) {
        return address(gateway, service);
    }

    private static InetAddress address(InetAddress gateway, Service service) {
        return service == Service.GATEWAY ? gateway : InetAddress.ofLiteral(LOOPBACK);
    }

    static Ports free() throws CommandException {
        return of(Map.of("GATEWAY_PORT", "0", "AUTH_PORT", "0", "METRICS_PORT", "0"));
    }

    static CommandException portInUse(int port, Service service) {
        return CommandException.failure(
                "port %d for the %s is in use: set %s to another one"
                        .formatted(port, service, service.portVariable));
    }

    int of(Service service) {
        return numbers.getOrDefault(service, 0);
    }

    /** Host and port at which this machine reaches a service. */
    String authority(Service service) {
        InetAddress address = address(service);
        String host = address.isAnyLocalAddress() ? LOOPBACK : address.getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + of(service);
    }

    private static InetAddress address(String bind) throws CommandException {
        try {
            return InetAddress.getByName(bind.isEmpty() ? "0.0.0.0" : bind);
        } catch (UnknownHostException e) {
            throw CommandException.failure("BIND is not an address of this machine: " + bind);
        }
    }

    private static int number(Map<String, String> environment, Service service)
            throws CommandException {
        String value = environment.getOrDefault(service.portVariable, "");
        if (value.isEmpty()) {
            return service.defaultPort;
        }
        try {
            int port = Integer.parseInt(value);
            if (port >= 0 && port < 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw CommandException.failure(service.portVariable + " is not a port: " + value);
        }
        throw CommandException.failure(service.portVariable + " is not a port: " + value);
    }

    private static int free(InetAddress address, int port, Service service)
            throws CommandException {
        try (ServerSocket socket = new ServerSocket()) {
            if (port == 0) return FreePort.next(address);
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return port;
        } catch (IOException e) {
            throw portInUse(port, service);
        }
    }
}
