package dev.tomp3.converter;

import java.time.Duration;

/**
 * What one conversion may cost.
 *
 * @param maxDuration of the audio
 * @param maxOutput of the MP3, in bytes
 * @param wallClock from the first ffmpeg's start to the MP3's last check; as much CPU time, too
 * @param stall how long nothing may move although the source can be read
 */
record Limits(Duration maxDuration, long maxOutput, Duration wallClock, Duration stall) {}
