package dev.tomp3.platform;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.apache.catalina.core.StandardHost;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** What every service imports: problem responses, HTTP metrics, readiness. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({HttpLimits.class, TrustedProxies.class})
@Import(Problems.class)
public class HttpConfiguration {
    /** Reports a missing or wrong setting at once, and not after a wait for a dependency. */
    @Bean
    static BeanFactoryPostProcessor checkSettings(ConfigurableEnvironment environment) {
        return beans -> {
            new EnvironmentVariables(environment).requireAll();
            beans.getBean(TrustedProxies.class);
        };
    }

    @Bean
    NanoClock nanoClock() {
        return NanoClock.system();
    }

    @Bean
    HttpMetrics httpMetrics(
            MeterRegistry registry,
            NanoClock clock,
            ObjectProvider<RequestMappingHandlerMapping> routes) {
        return new HttpMetrics(registry, clock, routes);
    }

    /** Before the security filters, so that requests that they reject are counted. */
    @Bean
    FilterRegistrationBean<HttpMetrics> httpMetricsFilter(HttpMetrics metrics) {
        FilterRegistrationBean<HttpMetrics> registration = new FilterRegistrationBean<>(metrics);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    @Bean
    FilterRegistrationBean<HostFilter> hostFilter(Environment environment) {
        FilterRegistrationBean<HostFilter> registration =
                new FilterRegistrationBean<>(
                        new HostFilter(
                                environment.getProperty("server.address", ""),
                                environment.getProperty("PUBLIC_URL", "")));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
        return registration;
    }

    /** After the security filters, so that an unauthenticated request gets its 401 first. */
    @Bean
    FilterRegistrationBean<ContentTypeFilter> contentTypeFilter() {
        return new FilterRegistrationBean<>(new ContentTypeFilter());
    }

    @Bean
    DependencyReadiness dependencies(
            ConfigurableApplicationContext context,
            List<Dependency> dependencies,
            ObjectProvider<ProbeIntervals> intervals,
            NanoClock clock) {
        return new DependencyReadiness(
                context,
                dependencies,
                intervals.getIfAvailable(() -> ProbeIntervals.DEFAULT),
                clock);
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> tomcat(
            HttpLimits limits, TrustedProxies proxies) {
        return factory -> {
            customize(factory);
            factory.addConnectorCustomizers(connector -> {
                if (connector.getProtocolHandler() instanceof GuardedHttpProtocol http) {
                    http.setBodyLimits(limits.bodies());
                    http.setMaxConnectionsPerAddress(
                            limits.maxConnectionsPerAddress(), proxies.masks());
                }
            });
        };
    }

    static void customize(TomcatServletWebServerFactory factory) {
        factory.addContextCustomizers(context ->
                ((StandardHost) context.getParent())
                        .setErrorReportValveClass(ProblemValve.class.getName()));
        factory.setProtocol(GuardedHttpProtocol.class.getName());
        // "100 Continue" is sent only when a handler reads the body: a client whose request is
        // rejected before that does not upload anything
        factory.addConnectorCustomizers(
                connector -> connector.setProperty("continueResponseTiming", "onRead"));
    }
}
