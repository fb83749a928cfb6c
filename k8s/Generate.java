import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the files of k8s that repeat others: the PrometheusRules of the components monitoring and
 * monitoring-rabbitmq from monitoring/alerts.yml, and the templates and settings of the Helm chart from the base and
 * the components. Run it after a change of those, from anywhere; it needs kubectl or kustomize:
 *
 * <pre>java k8s/Generate.java [DIRECTORY]</pre>
 *
 * <p>With a directory, it writes there instead of into the project; a test compares.
 *
 * <p>The chart is what kustomize renders, as text. An object that a component adds is in the file of that component,
 * and lines that a component changes stand in an "if". Then values replace what differs between installations.
 */
final class Generate {
    /** Components that only add objects, in the order in which an overlay would list them. */
    private static final List<String> ADDING =
            List.of(
                    "stores",
                    "gateway-api",
                    "ingress-traefik",
                    "ingress-nginx",
                    "monitoring",
                    "monitoring-rabbitmq",
                    "keda",
                    "backup");

    /** Components that change objects of the base or of others. */
    private static final List<String> CHANGING =
            List.of("mongodb-members", "long-jobs", "work-volume", "openshift");

    /** The suffix that kustomize gives the name of a ConfigMap. */
    private static final String HASH = "-([2456789bcdfghkmt]{10})";

    private static final Pattern NAMED =
            Pattern.compile("(?m)^kind: (\\w+)\\nmetadata:\\n(?:  .*\\n)*?  name: (\\S+)$");

    private final Path root;
    private final Path out;

    private Generate(Path root, Path out) {
        this.root = root;
        this.out = out;
    }

    /** Lines that a component has instead of the lines from start to end. */
    private record Hunk(String component, int start, int end, List<String> lines) {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("jdk.launcher.sourcefile", "k8s/Generate.java"));
        root = root.toAbsolutePath().normalize().getParent().getParent();
        Path out = arguments.length == 0 ? root : Path.of(arguments[0]);
        Generate generate = new Generate(root, out);
        generate.rules();
        generate.chart();
    }

    private void rules() throws IOException {
        String alerts = Files.readString(root.resolve("monitoring/alerts.yml"));
        String[] groups = alerts.split("(?m)^(?=  - name: )");
        String head =
                """
                # Made from monitoring/alerts.yml by "java k8s/Generate.java".
                apiVersion: monitoring.coreos.com/v1
                kind: PrometheusRule
                metadata:
                  name: %s
                  labels:
                    app.kubernetes.io/part-of: tomp3
                spec:
                  groups:
                """;
        StringBuilder services = new StringBuilder(head.formatted("tomp3"));
        StringBuilder rabbitmq = new StringBuilder(head.formatted("tomp3-rabbitmq"));
        for (String group : Arrays.asList(groups).subList(1, groups.length))
            (group.startsWith("  - name: rabbitmq\n") ? rabbitmq : services)
                    .append(group.stripTrailing().indent(2).replaceAll("(?m)^ +$", ""));
        write("components/monitoring/prometheusrule.yaml", services.toString());
        write("components/monitoring-rabbitmq/prometheusrule.yaml", rabbitmq.toString());
    }

    private void chart() throws IOException, InterruptedException {
        Map<String, String> base = render(List.of());
        Map<String, String> withStores = render(List.of("stores"));
        Map<String, String> all = render(ADDING);
        Map<String, String> owners = new TreeMap<>();
        for (String component : ADDING) {
            Map<String, String> before = component.equals("stores") ? base : withStores;
            Map<String, String> after =
                    component.equals("stores") ? withStores : render(List.of("stores", component));
            before.forEach((id, text) -> {
                if (!text.equals(after.get(id)))
                    throw new IllegalStateException(component + " changes " + id);
            });
            for (String id : after.keySet()) if (!before.containsKey(id)) owners.put(id, component);
        }
        Map<String, List<Hunk>> hunks = new TreeMap<>();
        for (String component : CHANGING) {
            Map<String, String> after =
                    render(Stream.concat(ADDING.stream(), Stream.of(component)).toList());
            after.forEach((id, text) -> {
                if (!all.containsKey(id)) {
                    owners.put(id, component);
                    all.put(id, text);
                } else if (!text.equals(all.get(id)) && !id.startsWith("ConfigMap ")) {
                    // the settings are values
                    hunks.computeIfAbsent(id, none -> new ArrayList<>())
                            .addAll(differences(component, all.get(id), text));
                }
            });
        }

        Map<String, Map<String, String>> settings = new TreeMap<>();
        Map<String, StringBuilder> files = new TreeMap<>();
        all.forEach((id, text) -> {
            if (id.startsWith("Namespace ")) return;
            String name = id.substring(id.indexOf(' ') + 1);
            String template;
            if (id.startsWith("ConfigMap ") && !owners.containsKey(id)) {
                settings.put(name, data(text));
                template =
                        """
                        apiVersion: v1
                        data:
                          {{- range $key, $value := .Values.settings.%s }}
                          {{ $key }}: {{ $value | quote }}
                          {{- end }}
                        """
                                        .formatted(name)
                                + text.substring(text.indexOf("kind: "));
            } else {
                template = merged(text, hunks.getOrDefault(id, List.of()));
            }
            files.computeIfAbsent(owners.getOrDefault(id, "base"), none -> new StringBuilder())
                    .append("---\n")
                    .append(Values.put(id, template));
        });
        files.forEach((component, text) -> {
            String template = "{{- /* Made by \"java k8s/Generate.java\". */}}\n" + text;
            if (!component.equals("base"))
                template =
                        "{{- /* Made by \"java k8s/Generate.java\". */}}\n{{- if .Values.components.%s }}\n%s{{- end }}\n"
                                .formatted(value(component), text);
            write("chart/templates/" + component + ".yaml", template);
        });
        values(settings);
    }

    /** The values are written by a person, except the settings at the end. */
    private void values(Map<String, Map<String, String>> settings) throws IOException {
        String values = Files.readString(root.resolve("k8s/chart/values.yaml"));
        StringBuilder text = new StringBuilder();
        text.append(values, 0, values.indexOf("\nsettings:\n") + 1).append("settings:\n");
        settings.forEach((map, entries) -> {
            text.append("  ").append(map).append(":\n");
            entries.forEach((key, value) ->
                    text.append("    %s: \"%s\"\n".formatted(key, value.replace("\"", "\\\""))));
        });
        write("chart/values.yaml", text.toString());
    }

    /** The objects that the base with these components renders to, by kind and name, without hashes in names. */
    private Map<String, String> render(List<String> components)
            throws IOException, InterruptedException {
        Path directory = Files.createDirectories(root.resolve("target/generate"));
        StringBuilder text = new StringBuilder("apiVersion: kustomize.config.k8s.io/v1beta1\n");
        text.append("kind: Kustomization\nnamespace: tomp3\nresources:\n  - ../../k8s/base\n");
        if (!components.isEmpty()) text.append("components:\n");
        for (String component : components)
            text.append("  - ../../k8s/components/").append(component).append('\n');
        Files.writeString(directory.resolve("kustomization.yaml"), text);
        boolean kubectl =
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "kubectl")));
        List<String> command =
                kubectl
                        ? List.of("kubectl", "kustomize", directory.toString())
                        : List.of("kustomize", "build", directory.toString());
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String rendered = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) throw new IllegalStateException("failed: " + command);

        Map<String, String> hashes = new LinkedHashMap<>();
        Matcher map = Pattern.compile("(?m)^  name: (\\S+?)" + HASH + "$").matcher(rendered);
        while (map.find()) hashes.put(map.group(1) + "-" + map.group(2), map.group(1));
        Map<String, String> objects = new LinkedHashMap<>();
        for (String object : rendered.split("(?m)^---\n")) {
            String plain = object;
            for (Map.Entry<String, String> hash : hashes.entrySet())
                plain = plain.replace(hash.getKey(), hash.getValue());
            Matcher named = NAMED.matcher(plain);
            if (!named.find()) throw new IllegalStateException("no name:\n" + object);
            // so that Kubernetes restarts it when its configuration changes
            if (named.group().contains("kind: StatefulSet") && object.contains("rabbitmq-config-"))
                plain =
                        plain.replaceFirst(
                                "(\n      annotations:\n)",
                                "$1        checksum/config: "
                                        + object.replaceFirst(
                                                "(?s).*rabbitmq-config" + HASH + ".*", "$1")
                                        + "\n");
            objects.put(named.group(1) + " " + named.group(2), plain);
        }
        return objects;
    }

    /** The entries of a ConfigMap whose values are one line each. */
    private static Map<String, String> data(String configMap) {
        Map<String, String> data = new TreeMap<>();
        Matcher entry =
                Pattern.compile("(?m)^  ([A-Z0-9_]+): (?:\"(.*)\"|'(.*)'|(.*))$").matcher(configMap);
        while (entry.find())
            data.put(
                    entry.group(1),
                    Stream.of(entry.group(2), entry.group(3), entry.group(4))
                            .filter(value -> value != null)
                            .findFirst()
                            .orElseThrow());
        return data;
    }

    /** The lines that differ, by the longest common subsequence. */
    private static List<Hunk> differences(String component, String before, String after) {
        List<String> a = before.lines().toList();
        List<String> b = after.lines().toList();
        int[][] common = new int[a.size() + 1][b.size() + 1];
        for (int i = a.size() - 1; i >= 0; i--)
            for (int j = b.size() - 1; j >= 0; j--)
                common[i][j] =
                        a.get(i).equals(b.get(j))
                                ? common[i + 1][j + 1] + 1
                                : Math.max(common[i + 1][j], common[i][j + 1]);
        List<Hunk> hunks = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < a.size() || j < b.size()) {
            int start = i;
            List<String> lines = new ArrayList<>();
            while ((i < a.size() || j < b.size())
                    && !(i < a.size() && j < b.size() && a.get(i).equals(b.get(j)))) {
                if (j < b.size() && (i == a.size() || common[i][j + 1] >= common[i + 1][j]))
                    lines.add(b.get(j++));
                else i++;
            }
            if (start < i || !lines.isEmpty()) hunks.add(new Hunk(component, start, i, lines));
            i++;
            j++;
        }
        return hunks;
    }

    private static String merged(String text, List<Hunk> hunks) {
        List<String> lines = text.lines().map(Generate::escaped).toList();
        List<String> merged = new ArrayList<>();
        int at = 0;
        for (Hunk hunk : hunks.stream().sorted((x, y) -> x.start - y.start).toList()) {
            if (hunk.start < at || (hunk.start == at && at > 0))
                throw new IllegalStateException("Two components change the same line: " + hunk);
            merged.addAll(lines.subList(at, hunk.start));
            List<String> old = lines.subList(hunk.start, hunk.end);
            String condition = ".Values.components." + value(hunk.component);
            merged.add("{{- if %s%s }}".formatted(hunk.lines.isEmpty() ? "not " : "", condition));
            hunk.lines.forEach(line -> merged.add(escaped(line)));
            if (!hunk.lines.isEmpty() && !old.isEmpty()) merged.add("{{- else }}");
            merged.addAll(old);
            merged.add("{{- end }}");
            at = hunk.end;
        }
        merged.addAll(lines.subList(at, lines.size()));
        return String.join("\n", merged) + "\n";
    }

    private static String escaped(String line) {
        return line.replace("{{", "{{ \"{{\" }}");
    }

    /** The name of a component among the values: mongodb-members is mongodbMembers. */
    private static String value(String component) {
        return Pattern.compile("-(\\w)")
                .matcher(component)
                .replaceAll(letter -> letter.group(1).toUpperCase());
    }

    private void write(String file, String text) {
        try {
            Path path = out.resolve("k8s").resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Replaces what differs between installations by values. Each replacement must happen. */
    private static final class Values {
        static String put(String id, String template) {
            String name = id.substring(id.indexOf(' ') + 1);
            String text =
                    template.replace("namespace: tomp3\n", "namespace: {{ .Release.Namespace }}\n")
                            .replace("namespace=\"tomp3\"", "namespace=\"{{ .Release.Namespace }}\"")
                            .replace("rabbitmq.tomp3.svc", "rabbitmq.{{ .Release.Namespace }}.svc")
                            .replace("host: tomp3.example.com\n", "host: {{ .Values.host }}\n")
                            .replace("- tomp3.example.com\n", "- {{ .Values.host }}\n")
                            .replace(
                                    "imagePullPolicy: IfNotPresent",
                                    "imagePullPolicy: {{ .Values.image.pullPolicy }}")
                            .replace(
                                    "kubernetes.io/metadata.name: gateway\n",
                                    "kubernetes.io/metadata.name: {{ .Values.gateway.namespace }}\n");
            text =
                    text.replaceAll(
                            "image: docker.io/tomp3/(\\w+):latest",
                            "image: {{ include \"tomp3.image\" (list . \"$1\") }}");
            text =
                    text.replaceAll(
                            "image: docker.io/library/(\\w+):\\S+",
                            "image: {{ .Values.storeImages.$1 }}");
            text =
                    Pattern.compile("(secretKeyRef:\\n +key: \\S+\\n +name: |secretName: )(\\S+)")
                            .matcher(text)
                            .replaceAll(secret ->
                                    secret.group(1)
                                            + "{{ .Values.existingSecrets."
                                            + value(secret.group(2))
                                            + " }}");
            // of every pod
            text =
                    text.replaceAll(
                            "(?m)^( +)enableServiceLinks: false\\n",
                            """
                            $0$1{{- with .Values.image.pullSecrets }}
                            $1imagePullSecrets: {{- toYaml . | nindent INDENT }}
                            $1{{- end }}
                            $1{{- with .Values.nodeSelector }}
                            $1nodeSelector: {{- toYaml . | nindent INDENT }}
                            $1{{- end }}
                            $1{{- with .Values.tolerations }}
                            $1tolerations: {{- toYaml . | nindent INDENT }}
                            $1{{- end }}
                            """);
            text =
                    Pattern.compile("(?m)^( +)(.*)nindent INDENT")
                            .matcher(text)
                            .replaceAll(line ->
                                    Matcher.quoteReplacement(
                                            line.group(1)
                                                    + line.group(2)
                                                    + "nindent "
                                                    + (line.group(1).length() + 2)));
            text =
                    text.replaceAll(
                            "(?m)^( +)accessModes:\\n +- ReadWriteOnce\\n",
                            """
                            $0$1{{- with .Values.storage.className }}
                            $1storageClassName: {{ . }}
                            $1{{- end }}
                            """);
            return switch (id.substring(0, id.indexOf(' '))) {
                case "Deployment" -> deployment(name, text);
                case "StatefulSet" ->
                        once(text, "storage: \\d+Gi", "storage: {{ .Values.storage." + name + " }}");
                case "PersistentVolumeClaim" ->
                        once(text, "storage: \\d+Gi", "storage: {{ .Values.storage." + name + " }}");
                case "HorizontalPodAutoscaler" ->
                        once(
                                once(
                                        text,
                                        "minReplicas: \\d+",
                                        "minReplicas: {{ .Values.autoscaling.minReplicas }}"),
                                "maxReplicas: \\d+",
                                "maxReplicas: {{ .Values.autoscaling.maxReplicas }}");
                case "HTTPRoute" ->
                        once(
                                text,
                                "  - name: public\\n    namespace: gateway\\n",
                                "  - name: {{ .Values.gateway.name }}\n"
                                        + "    namespace: {{ .Values.gateway.namespace }}\n");
                case "Ingress" ->
                        once(
                                text,
                                "  ingressClassName: \\S+\\n",
                                """
                                $0  {{- with .Values.tlsSecret }}
                                  tls:
                                  - hosts:
                                    - {{ \\$.Values.host }}
                                    secretName: {{ . }}
                                  {{- end }}
                                """);
                case "NetworkPolicy" -> policy(name, text);
                default -> text;
            };
        }

        private static String deployment(String name, String template) {
            String text = template;
            // Kubernetes restarts the pods when a setting changes
            String settings =
                    Pattern.compile("configMap(?:Key)?Ref:\\n(?: +key: \\S+\\n)? +name: (\\S+)")
                            .matcher(text)
                            .results()
                            .map(map -> " .Values.settings." + map.group(1))
                            .collect(Collectors.joining());
            text =
                    once(
                            text,
                            "\n      annotations:\n",
                            "$0        checksum/settings: {{ list"
                                    + settings
                                    + " | toJson | sha256sum }}\n");
            if (!name.equals("gateway"))
                text =
                        once(
                                text,
                                "(?m)^spec:\\n",
                                """
                                spec:
                                  {{- with .Values.replicas.%s }}
                                  replicas: {{ . }}
                                  {{- end }}
                                """
                                        .formatted(name));
            String resources = ".Values.resources." + name;
            text =
                    once(
                            text,
                            "(limits:\\n(?:.*\\n)*? +)memory: \\S+",
                            "$1memory: {{ " + resources + ".limits.memory }}");
            text =
                    once(
                            text,
                            "(requests:\\n +)cpu: \\S+",
                            "$1cpu: {{ " + resources + ".requests.cpu | quote }}");
            text =
                    once(
                            text,
                            "(requests:\\n(?:.*\\n)*? +)memory: \\S+",
                            "$1memory: {{ " + resources + ".requests.memory }}");
            return name.equals("converter")
                    ? text.replaceAll("storage: 5Gi", "storage: {{ .Values.storage.work }}")
                    : text;
        }

        /** The stores may be outside of the cluster. */
        private static String policy(String name, String text) {
            if (!name.matches("to-(mysql|mongodb|rabbitmq)")) return text;
            return once(
                    text,
                    "(?m)^    to:\\n((?:    - .*\\n|      .*\\n)+)",
                    """
                        to:
                        {{- range .Values.storesNetworks }}
                        - ipBlock:
                            cidr: {{ . }}
                        {{- else }}
                    $1    {{- end }}
                    """);
        }

        private static String once(String text, String pattern, String replacement) {
            Matcher matcher = Pattern.compile(pattern).matcher(text);
            List<MatchResult> found = matcher.results().toList();
            if (found.size() != 1)
                throw new IllegalStateException(
                        found.size() + " of " + pattern + " instead of 1 in:\n" + text);
            return matcher.reset().replaceFirst(replacement);
        }
    }
}
