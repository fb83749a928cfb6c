package dev.tomp3.gateway;

import dev.tomp3.jobs.Options;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The header {@code Upload-Metadata}: the file name, and the options by their names. */
record UploadMetadata(String name, Options options) {
    private static final String NAME = "filename";

    /** What clients add by themselves. */
    private static final Set<String> IGNORED =
            Set.of("filetype", "name", "type", "relativePath", "contentType");

    private static final Pattern KEY = Pattern.compile("[!-+\\--~]{1,255}");

    /**
     * Parses the header.
     *
     * @param options parses the options
     * @throws ProblemException 400 when it is malformed, or has unknown or illegal options
     */
    static UploadMetadata parse(String header, Function<Map<String, String>, Options> options) {
        Map<String, String> values = new HashMap<>();
        for (String pair : header.isBlank() ? new String[0] : header.split(",", -1)) {
            String[] words = pair.strip().split(" ", -1);
            if (words.length > 2 || !KEY.matcher(words[0]).matches()) throw malformed();
            String value = words.length == 1 ? "" : decode(words[1]);
            if (values.put(words[0], value) != null) throw malformed();
        }
        String given = values.getOrDefault("name", "");
        String name = values.containsKey(NAME) ? values.remove(NAME) : given;
        values.keySet().removeAll(IGNORED);
        return new UploadMetadata(UploadForm.fileName(name), options.apply(values));
    }

    private static String decode(String value) {
        try {
            byte[] bytes = Base64.getDecoder().decode(value);
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw malformed();
        }
    }

    private static ProblemException malformed() {
        return new ProblemException(
                Problem.INVALID_METADATA,
                "Upload-Metadata is a list of keys and values with commas between them. A key is"
                        + " given once, and a space and the value in Base64 follow it.");
    }
}
