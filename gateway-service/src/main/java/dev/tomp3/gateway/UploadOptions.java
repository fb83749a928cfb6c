package dev.tomp3.gateway;

import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.NumberSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The options of an upload as a client sends them, and as OpenAPI describes them. */
@Component
class UploadOptions {
    /** The names of the options that change the tags of an MP3. */
    static final List<String> TAGS =
            Arrays.stream(Option.values())
                    .filter(option ->
                            option.isTag() || option == Option.COVER || option == Option.TAGS)
                    .map(Option::wire)
                    .toList();

    private final Presets presets;

    UploadOptions(Presets presets) {
        this.presets = presets;
    }

    Options parse(Map<String, String> fields) {
        try {
            return Options.of(presets.expand(fields));
        } catch (IllegalArgumentException e) {
            throw invalid(e);
        }
    }

    static ProblemException invalid(IllegalArgumentException objection) {
        return new ProblemException(
                Problem.INVALID_OPTIONS, Objects.requireNonNullElse(objection.getMessage(), ""));
    }

    /**
     * The fields of a form. They are texts, as all form fields are, so that a web form can leave
     * them empty. Without the empty example, Swagger UI would fill in and send a value for each.
     */
    static Map<String, Schema<?>> fields() {
        Map<String, Schema<?>> fields = new LinkedHashMap<>();
        for (Option option : Option.values()) {
            Schema<?> field = new StringSchema().description(option.description()).example("");
            if (!option.isTag()) field.pattern("(" + option.type().pattern() + ")?");
            fields.put(option.wire(), field);
        }
        return fields;
    }

    /**
     * The fields of a form, with what a page needs to offer them: x-values are those of a choice,
     * x-excludes the options that cannot be given beside this one, x-values-with the values that
     * are left beside a value of another option, x-presets the options of each preset.
     */
    Map<String, Schema<?>> formFields() {
        Map<String, Schema<?>> fields = fields();
        extend(fields, Option.PRESET, "x-presets", presets.all());
        extend(fields, Option.BITRATE, "x-values", all(Options.Version::bitrates));
        extend(fields, Option.BITRATE, "x-excludes", List.of(Option.QUALITY.wire()));
        extend(
                fields,
                Option.BITRATE,
                "x-values-with",
                Map.of(
                        Option.SAMPLE_RATE.wire(),
                        legal(Options.Version::rates, Options.Version::bitrates)));
        extend(
                fields,
                Option.QUALITY,
                "x-values",
                IntStream.rangeClosed(0, 9).mapToObj(String::valueOf).toList());
        extend(fields, Option.QUALITY, "x-excludes", List.of(Option.BITRATE.wire()));
        extend(fields, Option.SAMPLE_RATE, "x-values", all(Options.Version::rates));
        extend(
                fields,
                Option.SAMPLE_RATE,
                "x-values-with",
                Map.of(
                        Option.BITRATE.wire(),
                        legal(Options.Version::bitrates, Options.Version::rates)));
        return fields;
    }

    private static void extend(
            Map<String, Schema<?>> fields, Option option, String name, Object value) {
        Objects.requireNonNull(fields.get(option.wire())).addExtension(name, value);
    }

    private static List<String> all(Function<Options.Version, List<Integer>> numbers) {
        return texts(Options.VERSIONS.stream().map(numbers));
    }

    private static Map<String, List<String>> legal(
            Function<Options.Version, List<Integer>> given,
            Function<Options.Version, List<Integer>> left) {
        Map<String, List<String>> legal = new LinkedHashMap<>();
        for (String value : all(given)) {
            legal.put(
                    value,
                    texts(
                            Options.VERSIONS.stream()
                                    .filter(version ->
                                            given.apply(version).contains(Integer.valueOf(value)))
                                    .map(left)));
        }
        return legal;
    }

    private static List<String> texts(Stream<List<Integer>> numbers) {
        return numbers.flatMap(List::stream).distinct().sorted().map(String::valueOf).toList();
    }

    /** The fields of a change of tags. */
    static Map<String, Schema<?>> tags() {
        Map<String, Schema<?>> fields = fields();
        fields.keySet().retainAll(TAGS);
        return fields;
    }

    /** The fields of a job's {@code options}. */
    static Map<String, Schema<?>> values() {
        Map<String, Schema<?>> values = new LinkedHashMap<>();
        for (Option option : Option.values()) {
            Schema<?> value =
                    switch (option.type()) {
                        case FLAG -> new BooleanSchema();
                        case NUMBER -> new IntegerSchema().format("int32");
                        case TIME, SECONDS, LOUDNESS -> new NumberSchema();
                        case TRACK -> new Schema<>(); // a number or a text
                        default -> new StringSchema();
                    };
            values.put(option.wire(), value.description(option.description()));
        }
        return values;
    }
}
