package dev.tomp3.converter.conversion;

import dev.tomp3.jobs.Sound;
import dev.tomp3.jobs.Warning;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A finished and checked MP3 in the attempt's directory. */
public record Mp3(
        Path path, long bytes, Duration duration, List<Warning> warnings, @Nullable Sound sound) {}
