package dev.tomp3.gateway;

import dev.tomp3.platform.InvalidConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Checks the files of {@link TlsEnvironment}. */
@Configuration(proxyBeanMethods = false)
class TlsConfiguration {
    private static final Logger log = LoggerFactory.getLogger(TlsConfiguration.class);

    /** Before the web server reads them, whose message would not name the variable. */
    @Bean
    static BeanFactoryPostProcessor checkTlsFiles() {
        return beans -> {
            GatewayProperties properties = beans.getBean(GatewayProperties.class);
            if (properties.tlsCert().isEmpty()) return;
            require("TLS_CERT", properties.tlsCert(), PemContent::getCertificates);
            require("TLS_KEY", properties.tlsKey(), PemContent::getPrivateKey);
        };
    }

    private static void require(
            String variable, String file, Function<PemContent, @Nullable Object> content) {
        try {
            if (content.apply(PemContent.load(Path.of(file))) != null) return;
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // the parser's message may contain a part of the key
            log.debug("{} is not usable", file, e);
        }
        throw new InvalidConfiguration(
                variable + " is not the path of a readable PEM file with what it needs: " + file);
    }
}
