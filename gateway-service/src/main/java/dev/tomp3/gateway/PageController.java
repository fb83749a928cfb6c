package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the page. A browser keeps the files of a build for ever, and asks for the document each
 * time, which names the current build. While replicas are updated, a browser may ask a gateway for
 * the files of another build. It then gets those of this gateway, and keeps them for no other use.
 */
@Hidden
@RestController
class PageController {
    static final String[] PATHS = {"/", "/app/**"};

    /** Nothing from another host, and no text that becomes code. */
    static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src"
                    + " 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types"
                    + " 'none'";

    private static final CacheControl IMMUTABLE =
            CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();

    private final Supplier<Page> page = SingletonSupplier.of(Page::load);

    /** {@code /app} is for routers that know only prefixes, where / would lead to all paths. */
    @GetMapping({"/", "/app"})
    ResponseEntity<byte[]> index(
            @RequestHeader(name = HttpHeaders.ACCEPT_ENCODING, required = false)
                    @Nullable String encodings) {
        return answer(page.get().index(), encodings, CacheControl.noCache());
    }

    @GetMapping("/app/{build}/{*name}")
    ResponseEntity<byte[]> file(
            @PathVariable String build,
            @PathVariable String name,
            @RequestHeader(name = HttpHeaders.ACCEPT_ENCODING, required = false)
                    @Nullable String encodings) {
        Page.File file = page.get().files().get(name.replaceFirst("^/", ""));
        if (file == null) throw new ProblemException(Problem.NOT_FOUND);
        boolean current = build.equals(page.get().build());
        return answer(file, encodings, current ? IMMUTABLE : CacheControl.noCache());
    }

    private static ResponseEntity<byte[]> answer(
            Page.File file, @Nullable String encodings, CacheControl caching) {
        boolean gzip = Gzip.isAccepted(encodings);
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.ok()
                        .cacheControl(caching)
                        .varyBy(HttpHeaders.ACCEPT_ENCODING)
                        .eTag(file.etag + (gzip ? "-gzip" : ""))
                        .contentType(file.type);
        if (gzip) answer.header(HttpHeaders.CONTENT_ENCODING, "gzip");
        return answer.body(gzip ? file.gzip : file.content);
    }
}
