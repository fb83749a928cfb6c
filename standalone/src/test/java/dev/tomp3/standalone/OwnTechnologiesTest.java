package dev.tomp3.standalone;

import static dev.tomp3.standalone.Technology.API_DOCS;
import static dev.tomp3.standalone.Technology.DOCUMENTS;
import static dev.tomp3.standalone.Technology.QUEUES;
import static dev.tomp3.standalone.Technology.RELATIONAL;
import static dev.tomp3.standalone.Technology.SECURITY;
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

class OwnTechnologiesTest {
    private static final List<String> ALL =
            new ArrayList<>(
                    ImportCandidates.load(
                                    AutoConfiguration.class,
                                    OwnTechnologiesTest.class.getClassLoader())
                            .getCandidates());

    @Test
    void each_service_sees_what_it_owns_and_nothing_else() {
        Map<Service, Set<Technology>> table =
                Map.of(
                        Service.AUTH, Set.of(RELATIONAL, SECURITY, API_DOCS),
                        Service.GATEWAY, Set.of(DOCUMENTS, QUEUES, SECURITY, API_DOCS),
                        Service.CONVERTER, Set.of(DOCUMENTS, QUEUES),
                        Service.NOTIFICATION, Set.of(DOCUMENTS, QUEUES));
        table.forEach((service, owned) ->
                assertThat(
                                seenBy(service.name()).stream()
                                        .flatMap(name -> Technology.of(name).stream())
                                        .collect(Collectors.toSet()))
                        .as(service.toString())
                        .isEqualTo(owned));
    }

    @Test
    void what_belongs_to_no_technology_is_for_all() {
        assertThat(seenBy(Service.CONVERTER.name()))
                .anyMatch(name -> name.startsWith("org.springframework.boot.tomcat."))
                .anyMatch(name -> name.startsWith("org.springframework.boot.micrometer."));
    }

    @Test
    void an_application_that_is_none_of_the_four_sees_everything() {
        assertThat(seenBy(null)).isEqualTo(ALL);
    }

    private static List<String> seenBy(@Nullable String service) {
        OwnTechnologies filter = new OwnTechnologies();
        MockEnvironment environment = new MockEnvironment();
        if (service != null) {
            environment.setProperty(OwnTechnologies.SERVICE, service);
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
