package dev.tomp3.converter;

import java.nio.file.Path;
import java.time.Duration;

/** A finished and checked MP3 in the attempt's directory. */
record Mp3(Path path, long bytes, Duration duration) {}
