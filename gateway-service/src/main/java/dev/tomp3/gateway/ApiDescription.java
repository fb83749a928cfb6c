package dev.tomp3.gateway;

import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.DescribedProblems;
import dev.tomp3.platform.RequiredProperties;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeIn;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.info.License;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import io.swagger.v3.oas.annotations.servers.Server;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;

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
        description = "With the scope that an operation lists.")
@SecurityScheme(
        name = ApiDescription.SESSION,
        type = SecuritySchemeType.APIKEY,
        in = SecuritySchemeIn.COOKIE,
        paramName = "tomp3_session",
        description = "From POST /session; over HTTPS the name is __Host-tomp3_session.")
class ApiDescription {
    static final String BASIC = "basic";
    static final String BEARER = "bearer";
    static final String KEY = "key";
    static final String SESSION = "session";

    /** An operation that takes a token takes the session cookie, too, and perhaps API keys. */
    @Bean
    OperationCustomizer credentials() {
        return (operation, method) -> {
            List<SecurityRequirement> security = operation.getSecurity();
            if (security == null || security.stream().noneMatch(any -> any.containsKey(BEARER)))
                return operation;
            RequiredScope required = method.getMethodAnnotation(RequiredScope.class);
            String denied = "insufficient-scope: not with an API key";
            if (required != null) {
                List<String> scopes = Arrays.stream(required.value()).map(Scope::wire).toList();
                security.add(new SecurityRequirement().addList(KEY, scopes));
                denied = scopes.isEmpty() ? "" : "insufficient-scope: " + scopes.getFirst();
            }
            security.add(new SecurityRequirement().addList(SESSION));
            if (!method.hasMethodAnnotation(GetMapping.class))
                denied += (denied.isEmpty() ? "" : "; ") + "cross-site";
            if (denied.isEmpty()) return operation;
            ApiResponse told = operation.getResponses().get("403");
            operation
                    .getResponses()
                    .addApiResponse(
                            "403",
                            new ApiResponse()
                                    .description(
                                            told == null
                                                    ? denied
                                                    : told.getDescription() + "; " + denied));
            return operation;
        };
    }

    @Bean
    ModelConverter requiredProperties() {
        return new RequiredProperties();
    }

    @Bean
    OpenApiCustomizer problems() {
        return new DescribedProblems();
    }

    /** Describes the options of an upload, in its form and in the job. */
    @Bean
    OpenApiCustomizer options(UploadOptions uploads) {
        return api -> {
            var schemas = api.getComponents().getSchemas();
            addFirst(Objects.requireNonNull(schemas.get("Form")), uploads.formFields());
            Schema<?> options = new ObjectSchema();
            addFirst(options, UploadOptions.values());
            Objects.requireNonNull(schemas.get("Job")).addProperty("options", options);
            Schema<?> tags = new ObjectSchema();
            addFirst(tags, UploadOptions.tags());
            schemas.put("Tags", tags);
        };
    }

    private static void addFirst(Schema<?> object, Map<String, Schema<?>> fields) {
        var others = object.getProperties();
        object.setProperties(null);
        fields.forEach(object::addProperty);
        if (others != null) others.forEach(object::addProperty);
    }
}
