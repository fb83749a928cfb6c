package dev.tomp3.endtoend.deployment;

import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Holds an object against the types of Kubernetes: a field that the type does not have, a value of
 * another type, a required field that is not there, and an unknown kind are all found, at any
 * depth.
 *
 * <p>The types of Kubernetes itself are the classes of its own Java client, which are made from its
 * OpenAPI description; they are only looked at. Those of others are in {@code k8s/schemas}.
 */
final class StrictTypes {
    private static final String MODELS = "io.kubernetes.client.openapi.models.";

    /** A new kind in the manifests is added here, with its group. */
    private static final Map<String, String> KINDS =
            Map.ofEntries(
                    Map.entry("v1 Namespace", "V1Namespace"),
                    Map.entry("v1 ConfigMap", "V1ConfigMap"),
                    Map.entry("v1 Secret", "V1Secret"),
                    Map.entry("v1 Service", "V1Service"),
                    Map.entry("v1 Pod", "V1Pod"),
                    Map.entry("v1 PersistentVolumeClaim", "V1PersistentVolumeClaim"),
                    Map.entry("batch/v1 CronJob", "V1CronJob"),
                    Map.entry("apps/v1 Deployment", "V1Deployment"),
                    Map.entry("apps/v1 StatefulSet", "V1StatefulSet"),
                    Map.entry(
                            "autoscaling/v2 HorizontalPodAutoscaler", "V2HorizontalPodAutoscaler"),
                    Map.entry("networking.k8s.io/v1 Ingress", "V1Ingress"),
                    Map.entry("networking.k8s.io/v1 NetworkPolicy", "V1NetworkPolicy"),
                    Map.entry("policy/v1 PodDisruptionBudget", "V1PodDisruptionBudget"));

    private static final Pattern QUANTITY = Pattern.compile("[0-9]+(\\.[0-9]+)?(m|k|[KMGTPE]i?)?");
    private static final Set<String> UNDERSTOOD =
            Set.of("type", "properties", "required", "items", "additionalProperties", "enum");

    private final Map<String, JsonNode> custom = new HashMap<>();

    StrictTypes(List<Path> schemas) throws IOException {
        for (Path file : schemas) {
            JsonNode schema = Manifests.parse(file).getFirst();
            custom.put(kind(schema), schema.get("schema"));
        }
    }

    static String kind(JsonNode object) {
        return object.path("apiVersion").asString("") + " " + object.path("kind").asString("");
    }

    /** What is wrong with it, each with the path to where; empty when nothing is. */
    List<String> problems(JsonNode object) {
        List<String> problems = new ArrayList<>();
        String kind = kind(object);
        JsonNode schema = custom.get(kind);
        if (schema != null) {
            // apiVersion, kind and metadata are as everywhere
            check(model("V1ObjectMeta"), object.get("metadata"), "metadata", problems);
            for (String field : object.propertyNames()) {
                if (!Set.of("apiVersion", "kind", "metadata", "spec").contains(field))
                    problems.add(field + ": unknown");
            }
            checkSchema(schema, object.path("spec"), "spec", problems);
        } else if (KINDS.containsKey(kind)) {
            check(model(KINDS.get(kind)), object, "", problems);
        } else {
            problems.add("unknown kind: " + kind);
        }
        if (!object.path("metadata").path("name").isString())
            problems.add("metadata.name: missing");
        return problems;
    }

    private static Class<?> model(String name) {
        try {
            return Class.forName(MODELS + name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void check(Type type, JsonNode value, String path, List<String> problems) {
        if (value == null) {
            problems.add(path + ": missing");
        } else if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == Map.class) {
                if (!object(value, path, problems)) return;
                value.properties()
                        .forEach(entry ->
                                check(
                                        arguments[1],
                                        entry.getValue(),
                                        path + "." + entry.getKey(),
                                        problems));
            } else { // List and Set
                if (!is(value.isArray(), "a list", path, problems)) return;
                for (int i = 0; i < value.size(); i++)
                    check(arguments[0], value.get(i), path + "[" + i + "]", problems);
            }
        } else {
            checkClass((Class<?>) type, value, path, problems);
        }
    }

    private static void checkClass(
            Class<?> type, JsonNode value, String path, List<String> problems) {
        switch (type.getSimpleName()) {
            case "String", "byte[]" -> is(value.isString(), "a string", path, problems);
            case "Integer", "Long" ->
                    is(value.isIntegralNumber(), "a whole number", path, problems);
            case "Boolean" -> is(value.isBoolean(), "true or false", path, problems);
            case "IntOrString" ->
                    is(
                            value.isIntegralNumber() || value.isString(),
                            "a whole number or a string",
                            path,
                            problems);
            case "Quantity" ->
                    is(
                            value.isNumber()
                                    || (value.isString()
                                            && QUANTITY.matcher(value.asString()).matches()),
                            "a quantity",
                            path,
                            problems);
            default -> {
                if (!type.getName().startsWith(MODELS))
                    throw new IllegalStateException("%s: no check of %s".formatted(path, type));
                if (object(value, path, problems)) checkModel(type, value, path, problems);
            }
        }
    }

    private static void checkModel(
            Class<?> type, JsonNode value, String path, List<String> problems) {
        Map<String, Field> fields = new HashMap<>();
        for (Field field : type.getDeclaredFields()) {
            SerializedName name = field.getAnnotation(SerializedName.class);
            if (name != null) fields.put(name.value(), field);
        }
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            String at = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            Field field = fields.get(entry.getKey());
            if (field == null) problems.add(at + ": unknown");
            else check(field.getGenericType(), entry.getValue(), at, problems);
        }
        for (Object required : required(type)) {
            if (!value.has((String) required)) problems.add(path + "." + required + ": missing");
        }
    }

    private static Set<?> required(Class<?> type) {
        try {
            return (Set<?>) type.getField("openapiRequiredFields").get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void checkSchema(
            JsonNode schema, JsonNode value, String path, List<String> problems) {
        if (!UNDERSTOOD.containsAll(schema.propertyNames()))
            throw new IllegalStateException("%s: no check of %s".formatted(path, schema));
        switch (schema.get("type").asString()) {
            case "string" -> is(value.isString(), "a string", path, problems);
            case "integer" -> is(value.isIntegralNumber(), "a whole number", path, problems);
            case "boolean" -> is(value.isBoolean(), "true or false", path, problems);
            case "array" -> {
                if (!is(value.isArray(), "a list", path, problems)) return;
                for (int i = 0; i < value.size(); i++)
                    checkSchema(schema.get("items"), value.get(i), path + "[" + i + "]", problems);
            }
            case "object" -> {
                if (!object(value, path, problems)) return;
                for (Map.Entry<String, JsonNode> entry : value.properties()) {
                    String at = path + "." + entry.getKey();
                    JsonNode known = schema.path("properties").get(entry.getKey());
                    if (known == null) known = schema.get("additionalProperties");
                    if (known == null) problems.add(at + ": unknown");
                    else checkSchema(known, entry.getValue(), at, problems);
                }
                for (JsonNode required : schema.path("required").values()) {
                    if (!value.has(required.asString()))
                        problems.add(path + "." + required.asString() + ": missing");
                }
            }
            default ->
                    throw new IllegalStateException("%s: no check of %s".formatted(path, schema));
        }
        JsonNode allowed = schema.get("enum");
        if (allowed != null && allowed.valueStream().noneMatch(value::equals))
            problems.add(path + ": not one of " + allowed);
    }

    private static boolean object(JsonNode value, String path, List<String> problems) {
        return is(value.isObject(), "an object", path, problems);
    }

    private static boolean is(boolean right, String what, String path, List<String> problems) {
        if (!right) problems.add(path + ": not " + what);
        return right;
    }
}
