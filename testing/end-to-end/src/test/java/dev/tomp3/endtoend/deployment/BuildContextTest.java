package dev.tomp3.endtoend.deployment;

import static dev.tomp3.endtoend.deployment.Manifests.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What Docker sends to the build: the sources of all modules. */
class BuildContextTest {
    /**
     * The client of Docker 20.10 does not look into a directory that is excluded, unless an
     * exception names it, without wildcards.
     */
    @Test
    void names_the_sources_of_every_module() throws IOException {
        List<String> expected = new ArrayList<>(List.of("*"));
        for (String file : List.of(".mvn", "mvnw", "pom.xml", "samples/test.mp4", "docker"))
            expected.add("!" + file);
        Matcher module =
                Pattern.compile("<module>(.*)</module>")
                        .matcher(Files.readString(ROOT.resolve("pom.xml")));
        while (module.find()) {
            expected.add("!" + module.group(1) + "/pom.xml");
            for (String sources : List.of("src/main", "page"))
                if (Files.exists(ROOT.resolve(module.group(1)).resolve(sources)))
                    expected.add("!" + module.group(1) + "/" + sources);
        }
        assertThat(Files.readAllLines(ROOT.resolve(".dockerignore")))
                .filteredOn(line -> !line.startsWith("#"))
                .containsExactlyInAnyOrderElementsOf(expected);
    }
}
