package dev.tomp3.standalone;

import static dev.tomp3.standalone.AutoConfigurationGroup.AMQP;
import static dev.tomp3.standalone.AutoConfigurationGroup.MONGODB;
import static dev.tomp3.standalone.AutoConfigurationGroup.OPENAPI;
import static dev.tomp3.standalone.AutoConfigurationGroup.SECURITY;
import static dev.tomp3.standalone.AutoConfigurationGroup.SQL;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.mock.env.MockEnvironment;

class ServiceAutoConfigurationFilterTest {
    private static final List<String> ALL =
            new ArrayList<>(
                    ImportCandidates.load(
                                    AutoConfiguration.class,
                                    ServiceAutoConfigurationFilterTest.class.getClassLoader())
                            .getCandidates());

    @Test
    void each_service_gets_the_groups_it_uses_and_no_others() {
        Map<Service, Set<AutoConfigurationGroup>> table =
                Map.of(
                        Service.AUTH, Set.of(SQL, SECURITY, OPENAPI),
                        Service.GATEWAY, Set.of(MONGODB, AMQP, SECURITY, OPENAPI),
                        Service.CONVERTER, Set.of(MONGODB, AMQP),
                        Service.NOTIFICATION, Set.of(MONGODB, AMQP));
        table.forEach((service, owned) ->
                assertThat(
                                seenBy(service.name()).stream()
                                        .flatMap(name -> AutoConfigurationGroup.of(name).stream())
                                        .collect(Collectors.toSet()))
                        .as(service.toString())
                        .isEqualTo(owned));
    }

    @Test
    void auto_configurations_of_no_group_are_for_all() {
        assertThat(seenBy(Service.CONVERTER.name()))
                .anyMatch(name -> name.startsWith("org.springframework.boot.tomcat."))
                .anyMatch(name -> name.startsWith("org.springframework.boot.micrometer."));
    }

    @Test
    void other_applications_are_not_filtered() {
        assertThat(seenBy(null)).isEqualTo(ALL);
    }

    private static List<String> seenBy(@Nullable String service) {
        ServiceAutoConfigurationFilter filter = new ServiceAutoConfigurationFilter();
        MockEnvironment environment = new MockEnvironment();
        if (service != null) {
            environment.setProperty(ServiceAutoConfigurationFilter.SERVICE, service);
        }
        filter.setEnvironment(environment);
        boolean[] match =
                filter.match(
                        ALL.toArray(String[]::new),
                        org.mockito.Mockito.mock(AutoConfigurationMetadata.class));
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < match.length; i++) {
            if (match[i]) {
                seen.add(ALL.get(i));
            }
        }
        return seen;
    }
}
