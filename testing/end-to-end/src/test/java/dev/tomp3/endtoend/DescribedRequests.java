package dev.tomp3.endtoend;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The requests that a service's OpenAPI description allows and those just beside them, made from it
 * alone, and whether an answer is one that it tells of.
 */
final class DescribedRequests {
    private static final String BOUNDARY = "----tomp3-described";
    private static final List<String> NO_VALUES =
            List.of("1", "-1.5", "true", "null", "[]", "{}", "\"\"", "\"x\"", "[[]]", "[null]");

    /** One of them, and the operation it is made for. */
    record Described(String name, HttpRequest request, JsonNode operation) {}

    private final URI service;
    private final JsonNode description;
    private final Map<String, String> known;
    private final SchemaRegistry schemas =
            SchemaRegistry.withDefaultDialect(Dialects.getOpenApi31());
    private final List<Described> all = new ArrayList<>();

    /**
     * Reads a description of a running service.
     *
     * @param document the path of the OpenAPI document
     * @param known parameters that name something, as path and name
     */
    DescribedRequests(URI service, String document, Map<String, String> known) {
        this.service = service;
        this.known = known;
        this.description = User.JSON.readTree(Http.get(service.resolve(document)).body());
    }

    /**
     * Deletions come last.
     *
     * @param credentials values of {@code Authorization} by scheme, or scheme and the first part of
     *     a path; most requests go with the first
     */
    List<Described> requests(Map<String, List<String>> credentials) {
        record Operation(String path, String method, JsonNode node) {}
        List<Operation> operations = new ArrayList<>();
        description
                .get("paths")
                .propertyStream()
                .forEach(path ->
                        path.getValue()
                                .propertyStream()
                                .forEach(operation ->
                                        operations.add(
                                                new Operation(
                                                        path.getKey(),
                                                        operation
                                                                .getKey()
                                                                .toUpperCase(java.util.Locale.ROOT),
                                                        operation.getValue()))));
        operations.sort(Comparator.comparing(operation -> operation.method().equals("DELETE")));
        for (Operation operation : operations) {
            JsonNode security = operation.node().path("security").path(0);
            List<String> callers =
                    security.propertyNames().stream()
                            .findFirst()
                            .map(scheme ->
                                    credentials.getOrDefault(
                                            scheme + " " + operation.path().split("/", -1)[1],
                                            credentials.get(scheme)))
                            .orElse(List.of(""));
            new Maker(operation.path(), operation.method(), operation.node()).make(callers);
        }
        return all;
    }

    /** What the description does not tell of in this answer; null when it tells of all. */
    @Nullable String objection(Described described, HttpResponse<byte[]> answer) {
        JsonNode told =
                described.operation().get("responses").get(Integer.toString(answer.statusCode()));
        if (told == null) return "is not described";
        String type = answer.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        JsonNode content = told.path("content");
        if (answer.request().method().equals("HEAD"))
            return answer.body().length == 0 ? null : "has a body";
        if (content.isEmpty()) return answer.body().length == 0 ? null : "has a body";
        if (!content.has(type)) return "has another type: '" + type + "'";
        if (!type.endsWith("json")) return null;
        ObjectNode schema = User.JSON.createObjectNode();
        schema.set("components", description.get("components"));
        schema.setAll((ObjectNode) content.get(type).get("schema"));
        var errors = schemas.getSchema(schema).validate(User.JSON.readTree(answer.body()));
        return errors.isEmpty() ? null : errors.toString();
    }

    /** Makes the requests of one operation. */
    private final class Maker {
        private final String path;
        private final String method;
        private final JsonNode operation;
        private final Map<String, JsonNode> parameters = new LinkedHashMap<>();
        private final JsonNode content;
        private final String type;
        private final JsonNode form;

        Maker(String path, String method, JsonNode operation) {
            this.path = path;
            this.method = method;
            this.operation = operation;
            operation
                    .path("parameters")
                    .valueStream()
                    .forEach(parameter ->
                            parameters.put(parameter.get("name").asString(), parameter));
            this.content = operation.path("requestBody").path("content");
            this.type = content.propertyNames().stream().findFirst().orElse("");
            this.form = resolved(content.path(type).path("schema"));
        }

        void make(List<String> callers) {
            Map<String, String> good = new LinkedHashMap<>();
            parameters.forEach((name, parameter) -> {
                String value = value(parameter);
                if (value != null) good.put(name, value);
            });
            String caller = callers.getFirst();
            for (String any : callers)
                add("as " + any.split(" ", -1)[0], any, good, body(), type, null);
            for (String accept :
                    List.of(
                            "application/json",
                            "text/plain",
                            "audio/mpeg",
                            "*/*",
                            "text/html",
                            "image/png;q=0.1",
                            "nonsense"))
                add("accept " + accept, caller, good, body(), type, accept);
            for (String name : parameters.keySet()) {
                for (String value :
                        List.of(
                                "",
                                "0",
                                "1",
                                "100",
                                "101",
                                "-1",
                                "1.5",
                                "99999999999",
                                "true",
                                "null",
                                "x".repeat(300),
                                "\u00fc \ud83c\udfac",
                                "a b&c=d",
                                "0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11",
                                "665f1c2ab3d4e5f60718293a")) {
                    Map<String, String> other = new LinkedHashMap<>(good);
                    other.put(name, value);
                    add(name + "=" + value, caller, other, body(), type, null);
                }
                Map<String, String> without = new LinkedHashMap<>(good);
                without.remove(name);
                if (!path.contains("{" + name + "}"))
                    add("without " + name, caller, without, body(), type, null);
            }
            if (type.isEmpty()) return;
            for (String other :
                    List.of(
                            "",
                            "text/plain",
                            "application/xml",
                            "application/json;charset=utf-16",
                            "multipart/form-data"))
                add("as type " + other, caller, good, body(), other, null);
            if (type.equals("application/json")) objects(caller, good);
            else if (type.equals("multipart/form-data")) forms(caller, good);
        }

        private void objects(String caller, Map<String, String> good) {
            ObjectNode valid = (ObjectNode) valid(form);
            for (String value : NO_VALUES)
                add("body " + value, caller, good, bytes(value), type, null);
            add("body cut", caller, good, bytes(valid.toString().substring(1)), type, null);
            add(
                    "with more",
                    caller,
                    good,
                    bytes(valid.deepCopy().put("more", 1).toString()),
                    type,
                    null);
            form.get("properties")
                    .propertyStream()
                    .forEach(property -> {
                        ObjectNode without = valid.deepCopy();
                        without.remove(property.getKey());
                        add(
                                "without " + property.getKey(),
                                caller,
                                good,
                                bytes(without.toString()),
                                type,
                                null);
                        List<JsonNode> values =
                                new ArrayList<>(
                                        NO_VALUES.stream().map(User.JSON::readTree).toList());
                        JsonNode schema = property.getValue();
                        if (schema.has("minLength"))
                            values.add(text(schema.get("minLength").asInt() - 1));
                        if (schema.has("maxLength"))
                            values.add(text(schema.get("maxLength").asInt() + 1));
                        values.add(text(5000));
                        for (JsonNode value : values) {
                            ObjectNode other = valid.deepCopy();
                            other.set(property.getKey(), value);
                            add(
                                    property.getKey()
                                            + " "
                                            + (value.toString().length() > 20 ? "long" : value),
                                    caller,
                                    good,
                                    bytes(other.toString()),
                                    type,
                                    null);
                        }
                    });
        }

        private void forms(String caller, Map<String, String> good) {
            form.get("properties")
                    .propertyStream()
                    .forEach(property -> {
                        for (String value :
                                List.of(
                                        "",
                                        "0",
                                        "1",
                                        "9",
                                        "-1",
                                        "128",
                                        "44100",
                                        "true",
                                        "TRUE",
                                        "x",
                                        "1.5",
                                        "9".repeat(30)))
                            if (!property.getValue().path("format").asString("").equals("binary"))
                                add(
                                        property.getKey() + "=" + value,
                                        caller,
                                        good,
                                        form(Map.of(property.getKey(), value), true),
                                        type,
                                        null);
                    });
            add("without a file", caller, good, form(Map.of(), false), type, null);
            add("with more", caller, good, form(Map.of("more", "1"), true), type, null);
        }

        private byte @Nullable [] body() {
            if (type.isEmpty()) return null;
            return switch (type) {
                case "application/json" -> bytes(valid(form).toString());
                case "multipart/form-data" -> form(Map.of(), true);
                default -> bytes("\0\0\0\30ftypisom no more");
            };
        }

        private @Nullable String value(JsonNode parameter) {
            String here = known.get(path + " " + parameter.get("name").asString());
            if (here != null) return here;
            if (parameter.get("in").asString().equals("path")) return "x";
            JsonNode schema = parameter.path("schema");
            if (parameter.path("required").asBoolean(false) && schema.has("example"))
                return schema.get("example").asString();
            JsonNode standard = schema.path("default");
            return standard.isMissingNode() ? null : standard.asString();
        }

        private void add(
                String name,
                String caller,
                Map<String, String> values,
                byte @Nullable [] body,
                String type,
                @Nullable String accept) {
            String target = path;
            StringBuilder query = new StringBuilder();
            HttpRequest.Builder request = HttpRequest.newBuilder();
            for (Map.Entry<String, String> value : values.entrySet()) {
                String coded =
                        URLEncoder.encode(value.getValue(), StandardCharsets.UTF_8)
                                .replace("+", "%20");
                switch (parameters.get(value.getKey()).get("in").asString()) {
                    case "path" -> target = target.replace("{" + value.getKey() + "}", coded);
                    case "query" ->
                            query.append(query.isEmpty() ? "?" : "&")
                                    .append(value.getKey())
                                    .append("=")
                                    .append(coded);
                    default -> {
                        if (value.getValue().chars().allMatch(c -> c >= ' ' && c <= '~'))
                            request.header(value.getKey(), value.getValue());
                    }
                }
            }
            request.uri(URI.create(service + target + query));
            if (!caller.isEmpty()) request.header("Authorization", caller);
            if (accept != null) request.header("Accept", accept);
            if (!type.isEmpty())
                request.header(
                        "Content-Type",
                        type.equals("multipart/form-data")
                                ? type + "; boundary=" + BOUNDARY
                                : type);
            request.method(
                    method,
                    body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
            all.add(new Described(method + " " + path + " " + name, request.build(), operation));
        }
    }

    private JsonNode resolved(JsonNode schema) {
        JsonNode reference = schema.path("$ref");
        return reference.isMissingNode()
                ? schema
                : description.at(reference.asString().substring(1));
    }

    private JsonNode valid(JsonNode schema) {
        if (schema.has("example")) return schema.get("example");
        return switch (schema.get("type").asString("")) {
            case "object" -> {
                ObjectNode object = User.JSON.createObjectNode();
                resolved(schema)
                        .get("properties")
                        .propertyStream()
                        .forEach(property ->
                                object.set(property.getKey(), valid(property.getValue())));
                yield object;
            }
            case "array" -> User.JSON.createArrayNode().add(valid(schema.get("items")));
            case "boolean" -> User.JSON.readTree("true");
            case "integer" -> User.JSON.readTree("1");
            default -> text(Math.max(8, schema.path("minLength").asInt(0)));
        };
    }

    private static JsonNode text(int length) {
        return User.JSON.getNodeFactory().stringNode("t".repeat(length));
    }

    /** With a file that is media by its first bytes, and nothing more. */
    private static byte[] form(Map<String, String> fields, boolean file) {
        StringBuilder form = new StringBuilder();
        fields.forEach((name, value) ->
                form.append(
                        "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                                .formatted(BOUNDARY, name, value)));
        if (file)
            form.append(
                    "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n\0\0\0\30ftypisom no more\r\n"
                            .formatted(BOUNDARY));
        return bytes(form + "--" + BOUNDARY + "--\r\n");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
