package dev.tomp3.endtoend.deployment;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Decides which connections the network policies of a namespace allow, as Kubernetes defines it.
 */
record NetworkPolicies(String namespace, List<JsonNode> policies) {
    /**
     * One end of a connection: a pod, or an address outside of the cluster.
     *
     * @param namespace the name of the pod's namespace; empty for an address
     * @param namespaceLabels without the one that has the name
     */
    record End(
            String name,
            String namespace,
            Map<String, String> namespaceLabels,
            Map<String, String> labels,
            String address) {
        static End pod(String name, String namespace, Map<String, String> labels) {
            // an address of the pod network
            return new End(name, namespace, Map.of(), labels, "10.244.0.9");
        }

        static End address(String name, String address) {
            return new End(name, "", Map.of(), Map.of(), address);
        }
    }

    boolean allow(End from, End to, int port) {
        return allows("Egress", "egress", "to", from, to, port)
                && allows("Ingress", "ingress", "from", to, from, port);
    }

    /** Whether the policies of one end allow the other. */
    private boolean allows(
            String type, String direction, String peers, End own, End other, int port) {
        if (!own.namespace.equals(namespace)) return true;
        List<JsonNode> selecting =
                policies.stream()
                        .map(policy -> policy.get("spec"))
                        .filter(spec ->
                                spec.get("policyTypes")
                                        .valueStream()
                                        .anyMatch(each -> each.asString().equals(type)))
                        .filter(spec -> selects(spec.get("podSelector"), own.labels))
                        .toList();
        return selecting.isEmpty()
                || selecting.stream()
                        .flatMap(spec -> spec.path(direction).valueStream())
                        .anyMatch(rule ->
                                (!rule.has("ports")
                                                || rule.get("ports")
                                                        .valueStream()
                                                        .anyMatch(each ->
                                                                each.get("port").asInt() == port))
                                        && (!rule.has(peers)
                                                || rule.get(peers)
                                                        .valueStream()
                                                        .anyMatch(peer -> admits(peer, other))));
    }

    private boolean admits(JsonNode peer, End end) {
        if (peer.has("ipBlock")) {
            JsonNode block = peer.get("ipBlock");
            return within(end.address, block.get("cidr").asString())
                    && block.path("except")
                            .valueStream()
                            .noneMatch(except -> within(end.address, except.asString()));
        }
        if (end.namespace.isEmpty()) return false;
        if (peer.has("namespaceSelector")) {
            Map<String, String> labels = new HashMap<>(end.namespaceLabels);
            labels.put("kubernetes.io/metadata.name", end.namespace);
            if (!selects(peer.get("namespaceSelector"), labels)) return false;
        } else if (!end.namespace.equals(namespace)) {
            return false;
        }
        return !peer.has("podSelector") || selects(peer.get("podSelector"), end.labels);
    }

    static boolean selects(JsonNode selector, Map<String, String> labels) {
        return selector.path("matchLabels").properties().stream()
                        .allMatch(label ->
                                label.getValue().asString().equals(labels.get(label.getKey())))
                && selector.path("matchExpressions")
                        .valueStream()
                        .allMatch(expression -> {
                            String value = labels.get(expression.get("key").asString());
                            return switch (expression.get("operator").asString()) {
                                case "Exists" -> value != null;
                                case "In" ->
                                        expression
                                                .get("values")
                                                .valueStream()
                                                .anyMatch(each -> each.asString().equals(value));
                                default -> throw new AssertionError(expression);
                            };
                        });
    }

    private static boolean within(String address, String cidr) {
        try {
            byte[] network =
                    InetAddress.getByName(cidr.substring(0, cidr.indexOf('/'))).getAddress();
            byte[] bytes = InetAddress.getByName(address).getAddress();
            if (network.length != bytes.length) return false;
            int rest = 8 * bytes.length - Integer.parseInt(cidr.substring(cidr.indexOf('/') + 1));
            return new BigInteger(1, network)
                    .shiftRight(rest)
                    .equals(new BigInteger(1, bytes).shiftRight(rest));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
