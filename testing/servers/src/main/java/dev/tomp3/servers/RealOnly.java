package dev.tomp3.servers;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestTag;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Leaves out what only a real server shows while an embedded one is used: tests with the tag {@code
 * rabbitmq}, {@code mongodb} or {@code mysql} run on that real server only, those with {@code
 * containers} only on one that may be stopped.
 */
public final class RealOnly implements PostDiscoveryFilter {
    @Override
    public FilterResult apply(TestDescriptor test) {
        Set<String> tags =
                test.getTags().stream().map(TestTag::getName).collect(Collectors.toSet());
        for (Server server : Server.values()) {
            if (server.embedded() && tags.contains(server.name().toLowerCase(Locale.ROOT)))
                return FilterResult.excluded("needs a real " + server);
        }
        return FilterResult.includedIf(
                !tags.contains("containers") || Server.containers(),
                () -> "runs on what was chosen",
                () -> "needs containers");
    }
}
