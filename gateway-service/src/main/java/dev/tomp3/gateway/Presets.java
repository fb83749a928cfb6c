package dev.tomp3.gateway;

import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Options;
import dev.tomp3.platform.InvalidConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Named sets of options: those of docs/audio.md, and those of the administrator's file, which may
 * replace them. A file that does not hold legal options stops the start.
 */
@Component
class Presets {
    private static final Map<String, Map<String, String>> BUILT_IN =
            Map.of(
                    "music", Map.of("quality", "2"),
                    "podcast", Map.of("bitrate", "128", "loudness", "-16"),
                    "voice", Map.of("bitrate", "64", "mono", "true", "loudness", "-19"),
                    "small",
                            Map.of(
                                    "bitrate", "32",
                                    "mono", "true",
                                    "sample_rate", "22050",
                                    "loudness", "-19"));

    /** Of these, an option that is given replaces the other one in a preset, too. */
    private static final Set<String> ENCODINGS =
            Set.of(Option.BITRATE.wire(), Option.QUALITY.wire());

    private final Map<String, Map<String, String>> presets;

    Presets(GatewayProperties properties) {
        presets = new TreeMap<>(BUILT_IN);
        if (!properties.presetsFile().isEmpty()) presets.putAll(read(properties.presetsFile()));
    }

    private static Map<String, Map<String, String>> read(String file) {
        Map<String, Map<String, String>> read;
        try {
            read =
                    JsonMapper.shared()
                            .readValue(
                                    Files.readString(Path.of(file)),
                                    new TypeReference<Map<String, Map<String, String>>>() {});
        } catch (IOException | JacksonException e) {
            throw new InvalidConfiguration(
                    "PRESETS_FILE is not a readable JSON file with an object of options for each"
                            + " preset: "
                            + file);
        }
        read.forEach((name, options) -> {
            try {
                if (options.containsKey(Option.PRESET.wire()))
                    throw new IllegalArgumentException("A preset does not name another preset.");
                Options _ = Options.of(options);
                Options _ = Options.of(Map.of(Option.PRESET.wire(), name));
            } catch (IllegalArgumentException e) {
                throw new InvalidConfiguration(
                        "PRESETS_FILE: preset %s: %s".formatted(name, e.getMessage()));
            }
        });
        return read;
    }

    /** The options of each preset. */
    Map<String, Map<String, String>> all() {
        return presets;
    }

    /**
     * The options with those of the preset that they name.
     *
     * @throws IllegalArgumentException when there is no such preset
     */
    Map<String, String> expand(Map<String, String> given) {
        String name = given.getOrDefault(Option.PRESET.wire(), "");
        if (name.isEmpty()) return given;
        Map<String, String> preset = presets.get(name);
        if (preset == null) {
            throw new IllegalArgumentException(
                    "There is no preset of this name. The presets are "
                            + String.join(", ", presets.keySet())
                            + ".");
        }
        Map<String, String> all = new HashMap<>(preset);
        if (ENCODINGS.stream().anyMatch(option -> !given.getOrDefault(option, "").isEmpty()))
            all.keySet().removeAll(ENCODINGS);
        given.forEach((option, text) -> {
            boolean empty = text.isEmpty() && all.containsKey(option);
            if (!empty) all.put(option, text);
        });
        return all;
    }
}
