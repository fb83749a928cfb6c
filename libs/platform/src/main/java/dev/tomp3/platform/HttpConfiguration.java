package dev.tomp3.platform;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.apache.catalina.core.StandardHost;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** For every service: problems, metrics, readiness. */
@Configuration(proxyBeanMethods = false)
@Import(Problems.class)
public class HttpConfiguration {
    @Bean
    HttpMetrics httpMetrics(
            MeterRegistry registry, ObjectProvider<RequestMappingHandlerMapping> routes) {
        return new HttpMetrics(registry, routes);
    }

    /** Before the security filters, so that what they refuse is counted. */
    @Bean
    FilterRegistrationBean<HttpMetrics> httpMetricsFilter(HttpMetrics metrics) {
        FilterRegistrationBean<HttpMetrics> registration = new FilterRegistrationBean<>(metrics);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    /** After the security filters, so that a stranger is told that first. */
    @Bean
    FilterRegistrationBean<ContentTypeFilter> typeCheck() {
        return new FilterRegistrationBean<>(new ContentTypeFilter());
    }

    @Bean
    DependencyReadiness reached(ConfigurableApplicationContext context, List<Dependency> contacts) {
        return new DependencyReadiness(context, contacts);
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> tomcat() {
        return factory -> {
            factory.addContextCustomizers(context ->
                    ((StandardHost) context.getParent())
                            .setErrorReportValveClass(ProblemValve.class.getName()));
            factory.setProtocol(HeaderTimeoutProtocol.class.getName());
            // "100 Continue" only when a handler reads the body: what is refused before costs
            // nobody an upload
            factory.addConnectorCustomizers(
                    connector -> connector.setProperty("continueResponseTiming", "onRead"));
        };
    }
}
