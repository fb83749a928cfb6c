package dev.tomp3.gateway;

import dev.tomp3.platform.DescribedProblems;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.info.License;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import io.swagger.v3.oas.annotations.servers.Server;
import io.swagger.v3.oas.models.media.Schema;
import java.util.Objects;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The OpenAPI description of the gateway's own API. */
@Configuration(proxyBeanMethods = false)
@OpenAPIDefinition(
        info =
                @Info(
                        title = "tomp3",
                        version = "1",
                        description =
                                "Turns uploaded videos into MP3. Get a token from POST /login of"
                                    + " the definition \"accounts\", authorize with it, upload a"
                                    + " video, poll the job, download the MP3.",
                        license =
                                @License(
                                        name = "GPL-3.0",
                                        url = "https://www.gnu.org/licenses/gpl-3.0.html")),
        servers = @Server(url = "/"))
@SecurityScheme(
        name = "bearer",
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        bearerFormat = "JWT")
class ApiDescription {
    @Bean
    OpenApiCustomizer problems() {
        return new DescribedProblems();
    }

    /** Without examples, Swagger UI would fill in and send a value for each option. */
    @Bean
    OpenApiCustomizer emptyOptions() {
        return api -> {
            Schema<?> form = Objects.requireNonNull(api.getComponents().getSchemas().get("Form"));
            form.getProperties().values().stream()
                    .filter(field -> field.getPattern() != null)
                    .forEach(option -> option.setExample(""));
        };
    }
}
