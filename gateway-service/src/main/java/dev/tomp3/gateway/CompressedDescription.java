package dev.tomp3.gateway;

import org.jspecify.annotations.Nullable;
import org.springdoc.webmvc.api.OpenApiResource;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/** Compresses the OpenAPI description, the largest document that the page reads. */
@RestControllerAdvice
class CompressedDescription implements ResponseBodyAdvice<byte[]> {
    @Override
    public boolean supports(
            MethodParameter returned, Class<? extends HttpMessageConverter<?>> converter) {
        return OpenApiResource.class.isAssignableFrom(returned.getContainingClass());
    }

    @Override
    public byte @Nullable [] beforeBodyWrite(
            byte @Nullable [] body,
            MethodParameter returned,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse answer) {
        answer.getHeaders().add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        String encodings = request.getHeaders().getFirst(HttpHeaders.ACCEPT_ENCODING);
        if (body == null || !Gzip.isAccepted(encodings)) return body;
        answer.getHeaders().set(HttpHeaders.CONTENT_ENCODING, "gzip");
        return Gzip.compress(body);
    }
}
