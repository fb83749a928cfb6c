package dev.tomp3.auth;

import dev.tomp3.platform.DescribedProblems;
import dev.tomp3.platform.RequiredProperties;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import io.swagger.v3.oas.annotations.servers.Server;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The OpenAPI description, and Swagger UI at {@code /apidocs/}. */
@Configuration(proxyBeanMethods = false)
@OpenAPIDefinition(
        servers = @Server(url = "/"), // relative: the gateway serves it too
        info =
                @Info(
                        title = "tomp3 auth",
                        version = "1",
                        description =
                                "Users, passwords, tokens and API keys. Authorize with e-mail"
                                        + " address and password, get a token from POST /login,"
                                        + " authorize with it."))
@SecurityScheme(name = ApiDescription.BASIC, type = SecuritySchemeType.HTTP, scheme = "basic")
@SecurityScheme(
        name = ApiDescription.BEARER,
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        bearerFormat = "JWT")
@SecurityScheme(
        name = ApiDescription.KEY,
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        bearerFormat = "API key",
        description = "With one of the scopes that an operation lists.")
class ApiDescription implements WebMvcConfigurer {
    static final String BASIC = "basic";
    static final String BEARER = "bearer";
    static final String KEY = "key";

    @Override
    public void addViewControllers(ViewControllerRegistry registry) {
        registry.addRedirectViewController("/apidocs", "/swagger-ui/index.html");
        registry.addRedirectViewController("/apidocs/", "/swagger-ui/index.html");
    }

    @Bean
    ModelConverter requiredProperties() {
        return new RequiredProperties();
    }

    @Bean
    OpenApiCustomizer problems() {
        return new DescribedProblems();
    }
}
