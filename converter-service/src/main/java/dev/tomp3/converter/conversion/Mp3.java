package dev.tomp3.converter.conversion;

import java.nio.file.Path;
import java.time.Duration;

/** A finished and checked MP3 in the attempt's directory. */
public record Mp3(Path path, long bytes, Duration duration) {}
