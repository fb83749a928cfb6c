package dev.tomp3.auth;

import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The OpenAPI description, and its page at {@code /apidocs/}. */
@Configuration(proxyBeanMethods = false)
@OpenAPIDefinition(
        info =
                @Info(
                        title = "tomp3 auth",
                        version = "1",
                        description =
                                "Users, passwords, tokens. To try: Authorize with e-mail address"
                                        + " and password, POST /login, Authorize with the token."))
@SecurityScheme(name = ApiDescription.BASIC, type = SecuritySchemeType.HTTP, scheme = "basic")
@SecurityScheme(
        name = ApiDescription.BEARER,
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        bearerFormat = "JWT")
class ApiDescription implements WebMvcConfigurer {
    static final String BASIC = "basic";
    static final String BEARER = "bearer";

    @Override
    public void addViewControllers(ViewControllerRegistry registry) {
        registry.addRedirectViewController("/apidocs", "/swagger-ui/index.html");
        registry.addRedirectViewController("/apidocs/", "/swagger-ui/index.html");
    }

    /** Every refusal is a problem, and those that any operation may meet are said here. */
    @Bean
    OpenApiCustomizer problems() {
        Schema<?> problem =
                new ObjectSchema()
                        .addProperty("type", new StringSchema().example("urn:tomp3:not-found"))
                        .addProperty("title", new StringSchema())
                        .addProperty("status", new IntegerSchema())
                        .addProperty("detail", new StringSchema());
        Content content =
                new Content()
                        .addMediaType(
                                "application/problem+json",
                                new MediaType()
                                        .schema(
                                                new Schema<>()
                                                        .$ref("#/components/schemas/Problem")));
        return api -> {
            api.getComponents().addSchemas("Problem", problem);
            api.getPaths()
                    .forEach((path, item) -> {
                        for (Operation operation : item.readOperations()) {
                            ApiResponses responses = operation.getResponses();
                            if (path.startsWith("/users")) {
                                add(responses, "401", "unauthenticated");
                                add(responses, "403", "forbidden");
                            }
                            add(responses, "503", "unavailable");
                            responses.forEach((status, response) -> {
                                if (status.compareTo("400") >= 0) response.setContent(content);
                            });
                        }
                    });
        };
    }

    private static void add(ApiResponses responses, String status, String code) {
        responses.putIfAbsent(status, new ApiResponse().description(code));
    }
}
