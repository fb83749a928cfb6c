package dev.tomp3.standalone;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Restricts each service to the auto-configurations of the libraries it uses, as if the others were
 * not on its class path. Applications other than the four services are not filtered.
 */
final class ServiceAutoConfigurationFilter
        implements AutoConfigurationImportFilter, EnvironmentAware {
    static final String SERVICE = "standalone.service";

    private @Nullable Service service;

    @Override
    public void setEnvironment(Environment environment) {
        service = environment.getProperty(SERVICE, Service.class);
    }

    @Override
    public boolean[] match(
            @Nullable String[] autoConfigurations, AutoConfigurationMetadata metadata) {
        boolean[] match = new boolean[autoConfigurations.length];
        for (int i = 0; i < match.length; i++) {
            match[i] = matches(autoConfigurations[i]);
        }
        return match;
    }

    private boolean matches(@Nullable String autoConfiguration) {
        return service == null
                || autoConfiguration == null
                || AutoConfigurationGroup.of(autoConfiguration).map(service::uses).orElse(true);
    }
}
