package dev.tomp3.platform;

import java.util.Set;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The server of health and metrics, if they have a port of their own: on the same address as the
 * service, with the same problems and time limits.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
final class ManagementServerConfiguration {
    /**
     * The last customizer, because Spring Boot's own ones set another address and an error page.
     */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementTomcat(
            ServerProperties server) {
        return factory -> {
            factory.setAddress(server.getAddress());
            factory.setErrorPages(Set.of());
            HttpConfiguration.customize(factory);
        };
    }
}
