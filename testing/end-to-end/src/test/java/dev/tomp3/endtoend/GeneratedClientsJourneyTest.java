package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that openapi-generator makes from the descriptions compile without changes, log in,
 * upload, wait and download. Maven and npm fetch what is needed for that.
 */
@Tag("nightly")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GeneratedClientsJourneyTest {
    private static final int HERTZ = 440;
    private static final Path SOURCES = Path.of("src", "test", "clients");
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir static Path directory;
    private TestMedia media;
    private Path video;
    private RunningSystem system;

    @BeforeAll
    void begin() throws Exception {
        media = TestMedia.in(Files.createDirectory(directory.resolve("media")));
        video = media.tone(Kind.WAV, HERTZ, 3);
        system = RunningSystem.start(directory, Map.of());
        run(
                "./mvnw",
                "--quiet",
                "--batch-mode",
                "--file=testing/end-to-end/pom.xml",
                "dependency:copy@openapi-generator",
                "-DoutputDirectory=" + directory);
    }

    @AfterAll
    void end() {
        if (system != null) system.close();
    }

    @Test
    void in_java() throws Exception {
        List<String> classes = new ArrayList<>();
        for (String api : List.of("jobs", "accounts")) {
            Path client =
                    generate(
                            api,
                            "java",
                            "--library=native",
                            // its code has a variable of the name of a parameter of links
                            "--parameter-name-mappings=e=expiry",
                            "--api-package=" + api + ".api",
                            "--model-package=" + api + ".model",
                            "--invoker-package=" + api,
                            "--additional-properties=openApiNullable=false,useSingleRequestParameter=true");
            Path dependencies = client.resolve("classpath");
            run(
                    "./mvnw",
                    "--quiet",
                    "--batch-mode",
                    "--file=" + client.resolve("pom.xml"),
                    "compile",
                    "dependency:build-classpath",
                    "-Dmdep.outputFile=" + dependencies);
            classes.add(client.resolve("target/classes").toString());
            classes.add(Files.readString(dependencies).strip());
        }
        assertJourney(
                JAVA,
                "--class-path=" + String.join(":", classes),
                SOURCES.resolve("Journey.java").toAbsolutePath().toString());
    }

    @Test
    @Tag("node")
    void in_typescript() throws Exception {
        Path home = Files.createDirectory(directory.resolve("typescript"));
        for (String file :
                List.of("package.json", "package-lock.json", "tsconfig.json", "journey.ts"))
            Files.copy(SOURCES.resolve(file), home.resolve(file));
        for (String api : List.of("jobs", "accounts"))
            Files.move(
                    generate(
                            api,
                            "typescript-fetch",
                            "--additional-properties=importFileExtension=.js"),
                    home.resolve(api));
        run(
                "npm",
                "ci",
                "--prefix=" + home,
                "--prefer-offline",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund");
        run(
                "node",
                home.resolve("node_modules/typescript/bin/tsc").toString(),
                "-p",
                home.toString());
        assertJourney("node", home.resolve("out/journey.js").toString());
    }

    /** Generates a client. */
    private Path generate(String api, String language, String... options) throws Exception {
        String path = api.equals("jobs") ? "/v3/api-docs" : "/v3/api-docs/" + api;
        Path description = directory.resolve(api + ".json");
        Files.writeString(description, Http.get(system.gateway().resolve(path)).body());
        Path client = directory.resolve(language + "-" + api);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                JAVA,
                                "-XX:TieredStopAtLevel=1",
                                "-jar",
                                directory.resolve("openapi-generator.jar").toString(),
                                "generate",
                                "--input-spec=" + description,
                                "--generator-name=" + language,
                                "--output=" + client));
        command.addAll(List.of(options));
        run(command.toArray(String[]::new));
        return client;
    }

    private void assertJourney(String... command) throws Exception {
        String[] account = system.administrator().split(":", 2);
        Path mp3 = Files.createTempDirectory(directory, "journey").resolve("out.mp3");
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(
                List.of(
                        system.gateway().toString(),
                        account[0],
                        account[1],
                        video.toString(),
                        mp3.toString()));
        assertThat(run(all.toArray(String[]::new)).strip()).matches("[0-9a-f]{24}");
        MediaStoreSuite.assertTone(media.listen(mp3), HERTZ, 3);
    }

    private String run(String... command) {
        return Shell.run(directory, Map.of(), List.of(command));
    }
}
