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

@Configuration(proxyBeanMethods = false)
@OpenAPIDefinition(
        info =
                @Info(
                        title = "tomp3",
                        version = "1",
                        description =
                                "Turns uploaded videos into MP3. Log in with Basic, put the token"
                                        + " into Authorize as Bearer, upload, look at the job,"
                                        + " download.",
                        license =
                                @License(
                                        name = "GPL-3.0",
                                        url = "https://www.gnu.org/licenses/gpl-3.0.html")),
        servers = @Server(url = "/"))
@SecurityScheme(name = "basic", type = SecuritySchemeType.HTTP, scheme = "basic")
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

    /** Without an example the page makes one up for each option, and sends them all. */
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
