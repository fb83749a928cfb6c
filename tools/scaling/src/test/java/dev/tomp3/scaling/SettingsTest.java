package dev.tomp3.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.jobs.Timing;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares the parameters with the code and the settings of the services and the autoscaler. */
class SettingsTest {
    private static final Path PROJECT = Path.of("../..");
    private static final Parameters PARAMETERS = Parameters.current();

    @Test
    void has_the_defaults_of_the_services() throws IOException {
        for (String service : List.of("gateway-service", "converter-service")) {
            assertThat(setting(service, "KEEP_VIDEO")).isEqualTo(days(PARAMETERS.keepVideo()));
            assertThat(setting(service, "KEEP_MP3")).isEqualTo(days(PARAMETERS.keepMp3()));
            assertThat(setting(service, "KEEP_JOB")).isEqualTo(days(PARAMETERS.keepJob()));
            assertThat(read(service + "/src/main/resources/application.yml"))
                    .contains("orphans: %.0fh\n".formatted(PARAMETERS.orphans().value() / 3600));
            assertThat(setting(service, "GRIDFS_CHUNK"))
                    .isEqualTo("%.0fMB".formatted(Step.CHUNK / (1 << 20)));
            assertThat(setting(service, "MAX_CONCURRENT_JOBS_PER_USER"))
                    .isEqualTo(Integer.toString(SimulationTables.MAX_CONCURRENT));
        }
        assertThat(setting("converter-service", "MAX_DURATION"))
                .isEqualTo("%.0fh".formatted(Parameters.MAX_DURATION / 3600));
    }

    @Test
    void has_the_intervals_of_the_code() throws ReflectiveOperationException {
        assertThat(Duration.ofMillis((long) (1000 * Simulation.LEASE)))
                .isEqualTo(Timing.PRODUCTION.lease());
        Class<?> worker = Class.forName("dev.tomp3.converter.WorkerTiming");
        Field production = worker.getDeclaredField("PRODUCTION");
        production.setAccessible(true);
        Method heartbeat = worker.getDeclaredMethod("heartbeat");
        heartbeat.setAccessible(true);
        assertThat(heartbeat.invoke(production.get(null)))
                .isEqualTo(Duration.ofMillis((long) (1000 / PARAMETERS.heartbeats().value())));
    }

    @Test
    void has_the_segments_of_the_encoder() throws ReflectiveOperationException {
        Field shortest =
                Class.forName("dev.tomp3.converter.conversion.SegmentLength")
                        .getDeclaredField("SHORTEST");
        shortest.setAccessible(true);
        SegmentFormat format = new SegmentFormat(44_100, 2, (Duration) shortest.get(null));
        assertThat(format.framesPerSegment() * 1152 / 44_100.0)
                .isCloseTo(PARAMETERS.segment().value(), within(0.1));
    }

    @Test
    void has_the_settings_of_the_autoscaler() throws IOException {
        String keda = read("k8s/components/keda/converter-scaling.yaml");
        Setup.Scaling scaling = SimulationTables.KEDA;
        assertThat(number(keda, "minReplicaCount")).isEqualTo(scaling.min());
        assertThat(number(keda, "maxReplicaCount")).isEqualTo(scaling.max());
        assertThat(number(keda, "pollingInterval")).isEqualTo(scaling.poll());
        assertThat(number(keda, "stabilizationWindowSeconds")).isEqualTo(scaling.stabilization());
        assertThat(number(keda, "periodSeconds")).isEqualTo(scaling.period());
        assertThat(keda)
                .contains(
                        "type: Percent\n              value: %.0f\n"
                                .formatted(100 * scaling.share()))
                .contains("targetValue: \"%.0f\"\n".formatted(scaling.messages()));
    }

    private static String setting(String service, String name) throws IOException {
        return find(
                read(service + "/src/main/resources/application.yml"), "\\$\\{" + name + ":(.*?)}");
    }

    private static double number(String text, String key) {
        return Double.parseDouble(find(text, key + ": (\\d+)"));
    }

    private static String days(Parameters.Parameter parameter) {
        return "%.0fd".formatted(parameter.value());
    }

    private static String find(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static String read(String file) throws IOException {
        return Files.readString(PROJECT.resolve(file));
    }
}
