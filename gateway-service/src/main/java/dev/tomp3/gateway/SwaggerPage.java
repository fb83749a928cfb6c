package dev.tomp3.gateway;

import java.io.IOException;
import java.io.InputStream;
import org.springdoc.core.properties.SwaggerUiConfigParameters;
import org.springdoc.core.properties.SwaggerUiConfigProperties;
import org.springdoc.core.properties.SwaggerUiOAuthProperties;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springdoc.webmvc.ui.SwaggerIndexPageTransformer;
import org.springdoc.webmvc.ui.SwaggerWelcomeCommon;
import org.springframework.stereotype.Component;

/**
 * Swagger UI with one other default: fields of a form that are left empty are not sent. An empty
 * tag would remove the tag of the source. Who wants that ticks "Send empty value" of the field.
 */
@Component
class SwaggerPage extends SwaggerIndexPageTransformer {
    private static final String LAST_PLUGIN = "SwaggerUIBundle.plugins.DownloadUrl";

    private static final String SENDS_NO_EMPTY_FIELDS =
            """
            ,
                  () => ({
                    wrapComponents: {
                      ParameterIncludeEmpty: (Original, { React }) => props =>
                        React.createElement(Original, {
                          ...props,
                          isIncludedOptions: { ...props.isIncludedOptions, defaultValue: false }
                        })
                    }
                  })\
            """;

    SwaggerPage(
            SwaggerUiConfigProperties configuration,
            SwaggerUiOAuthProperties oauth,
            SwaggerWelcomeCommon welcome,
            ObjectMapperProvider mapper) {
        super(configuration, oauth, welcome, mapper);
    }

    @Override
    protected String defaultTransformations(
            SwaggerUiConfigParameters parameters, InputStream initializer) throws IOException {
        return super.defaultTransformations(parameters, initializer)
                .replace(LAST_PLUGIN, LAST_PLUGIN + SENDS_NO_EMPTY_FIELDS);
    }
}
