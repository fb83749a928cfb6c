package dev.tomp3.gateway;

import dev.tomp3.jobs.Options;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses form fields to {@link Options}. An empty field counts as absent: web forms send those. */
final class UploadOptions {
    static final String KEEP = "keep";
    static final String FAIL = "fail";

    private static final List<String> NAMES =
            List.of("bitrate", "quality", "mono", "sample_rate", "damaged");

    /** ASCII digits only; {@code Integer} would accept digits of other scripts, too. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    private UploadOptions() {}

    static Options parse(Map<String, String> fields) {
        fields.keySet().stream()
                .filter(name -> !NAMES.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw invalid(
                            "Unknown option. The options are " + String.join(", ", NAMES) + ".");
                });
        Options options =
                new Options(
                        number(fields, "bitrate"),
                        number(fields, "quality"),
                        bool(fields, "mono"),
                        number(fields, "sample_rate"),
                        strict(fields));
        String objection = options.objection();
        if (objection != null) throw invalid(objection);
        return options;
    }

    private static @Nullable Integer number(Map<String, String> fields, String name) {
        String value = fields.getOrDefault(name, "");
        if (value.isEmpty()) return null;
        if (!NUMBER.matcher(value).matches()) throw invalid(name + " must be a whole number.");
        return Integer.valueOf(value);
    }

    private static boolean bool(Map<String, String> fields, String name) {
        return switch (fields.getOrDefault(name, "")) {
            case "true" -> true;
            case "", "false" -> false;
            default -> throw invalid(name + " must be true or false.");
        };
    }

    private static boolean strict(Map<String, String> fields) {
        return switch (fields.getOrDefault("damaged", "")) {
            case FAIL -> true;
            case "", KEEP -> false;
            default -> throw invalid("damaged must be keep or fail.");
        };
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(Problem.INVALID_OPTIONS, detail);
    }
}
