package dev.tomp3.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.MediaType;

/**
 * The files of the page, from the module web.
 *
 * @param build a hash of all files
 * @param index the document, which names the build in the addresses of the other files
 * @param files the others, by their names
 */
record Page(String build, File index, Map<String, File> files) {
    private static final String LOCATION = "dev/tomp3/web/";
    private static final String INDEX = "index.html";

    /** In the document, the place of the build. */
    private static final String PLACE = "@build@";

    private static final Map<String, MediaType> TYPES =
            Map.of(
                    "html", new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8),
                    "js", new MediaType("text", "javascript", StandardCharsets.UTF_8),
                    "css", new MediaType("text", "css", StandardCharsets.UTF_8),
                    "svg", new MediaType("image", "svg+xml"),
                    "txt", new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8));

    /** A file with its strong validator. */
    static final class File {
        final MediaType type;
        final byte[] content;
        final byte[] gzip;
        final String etag;

        File(String name, byte[] content) {
            MediaType known = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            if (known == null) throw new IllegalStateException("no content type for " + name);
            this.type = known;
            this.content = content;
            this.gzip = Gzip.compress(content);
            this.etag = hash(sha256().digest(content));
        }
    }

    static Page load() {
        try {
            Map<String, byte[]> contents = new TreeMap<>();
            PathMatchingResourcePatternResolver resolver =
                    new PathMatchingResourcePatternResolver();
            for (Resource resource : resolver.getResources("classpath:" + LOCATION + "**/*.*")) {
                String url = resource.getURL().toString();
                String name = url.substring(url.lastIndexOf(LOCATION) + LOCATION.length());
                contents.put(name, resource.getContentAsByteArray());
            }
            return of(contents);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Page of(Map<String, byte[]> contents) {
        byte[] index = contents.get(INDEX);
        if (index == null) throw new IllegalStateException("the page has no " + INDEX);
        MessageDigest all = sha256();
        contents.forEach((name, content) -> {
            all.update(name.getBytes(StandardCharsets.UTF_8));
            all.update(content);
        });
        String build = hash(all.digest());
        Map<String, File> files = new HashMap<>();
        for (Map.Entry<String, byte[]> each : contents.entrySet())
            if (!each.getKey().equals(INDEX))
                files.put(each.getKey(), new File(each.getKey(), each.getValue()));
        String document = new String(index, StandardCharsets.UTF_8).replace(PLACE, build);
        return new Page(build, new File(INDEX, document.getBytes(StandardCharsets.UTF_8)), files);
    }

    private static String hash(byte[] sha256) {
        return HexFormat.of().formatHex(sha256, 0, 10);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
