package dev.tomp3.jobs.media;

import static dev.tomp3.jobs.media.MediaSignature.adtsFrame;
import static dev.tomp3.jobs.media.MediaSignature.anyOf;
import static dev.tomp3.jobs.media.MediaSignature.isoBox;
import static dev.tomp3.jobs.media.MediaSignature.layer3Frame;
import static dev.tomp3.jobs.media.MediaSignature.moviePrecedesMedia;
import static dev.tomp3.jobs.media.MediaSignature.riff;
import static dev.tomp3.jobs.media.MediaSignature.startsWith;
import static dev.tomp3.jobs.media.MediaSignature.transportStream;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The media formats that are accepted: the only list of them. Each is a container that names no
 * second file or address, or a raw audio stream.
 *
 * <p>The gateway recognizes a format by the first bytes of an upload. That only keeps out text,
 * playlists, archives and the like; whether a file can be read is decided by converting it. The
 * converter opens a file with the demuxers of these formats and with no others.
 */
public enum MediaFormat {
    MP4("MP4, M4A, MOV, 3GP", isoBox(), Streaming.DEPENDS, true, "mov,mp4,m4a,3gp,3g2,mj2"),
    MATROSKA("MKV, WebM", startsWith(0x1a, 0x45, 0xdf, 0xa3), Streaming.YES, true, "matroska,webm"),
    AVI("AVI", riff("RIFF", "AVI "), Streaming.NO, true, "avi"),
    FLV("FLV", startsWith('F', 'L', 'V', 1), Streaming.NO, false, "flv,live_flv"),
    MPEG_TS("MPEG-TS", transportStream(), Streaming.YES, false, "mpegts"),
    MPEG_PS("MPEG-PS", startsWith(0, 0, 1, 0xba), Streaming.NO, false, "mpeg"),
    ASF(
            "ASF/WMV/WMA",
            startsWith(0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11),
            Streaming.NO,
            true,
            "asf"),
    OGG("OGG/Opus", startsWith('O', 'g', 'g', 'S'), Streaming.YES, false, "ogg"),
    WAV("WAV", anyOf(riff("RIFF", "WAVE"), riff("RF64", "WAVE")), Streaming.YES, false, "wav,w64"),
    FLAC("FLAC", startsWith('f', 'L', 'a', 'C'), Streaming.YES, true, "flac"),
    AAC("AAC", adtsFrame(), Streaming.YES, false, "aac"),
    MP3("MP3", anyOf(startsWith('I', 'D', '3'), layer3Frame()), Streaming.YES, false, "mp3");

    private enum Streaming {
        YES,
        NO,
        /** On the order of the boxes. */
        DEPENDS
    }

    /** This many of a file's first bytes are enough to recognize its format. */
    public static final int SIGNATURE_BYTES = 1024;

    private final String displayName;

    @SuppressWarnings("ImmutableEnumChecker") // the signatures have no state
    private final MediaSignature signature;

    private final Streaming streaming;
    private final boolean lengthFirst;

    /** ffmpeg's names, separated by commas. */
    private final String demuxers;

    MediaFormat(
            String displayName,
            MediaSignature signature,
            Streaming streaming,
            boolean lengthFirst,
            String demuxers) {
        this.displayName = displayName;
        this.signature = signature;
        this.streaming = streaming;
        this.lengthFirst = lengthFirst;
        this.demuxers = demuxers;
    }

    /** The format that a file begins with; empty when it is none of these. */
    public static Optional<MediaFormat> of(byte[] head) {
        return Arrays.stream(values()).filter(format -> format.signature.matches(head)).findFirst();
    }

    /** The format that ffmpeg opened, from the demuxer's names with commas between them. */
    public static Optional<MediaFormat> ofDemuxer(String names) {
        String first = names.split(",", 2)[0];
        return Arrays.stream(values())
                .filter(format -> format.demuxerNames().contains(first))
                .findFirst();
    }

    /** The names of all formats, for people: {@code MP4, M4A, ... and MP3}. */
    public static String displayNames() {
        List<String> names = Arrays.stream(values()).map(format -> format.displayName).toList();
        return String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
    }

    private List<String> demuxerNames() {
        return List.of(demuxers.split(",", -1));
    }

    /** ffmpeg's names of the demuxers of all formats, in alphabetical order. */
    public static Set<String> allDemuxers() {
        Set<String> sorted = new TreeSet<>();
        for (MediaFormat format : values()) sorted.addAll(format.demuxerNames());
        return Collections.unmodifiableSet(sorted);
    }

    /**
     * Whether a reader that gets this file from its first byte on can decode what has arrived so
     * far. It cannot when an index at the end says what is in the file.
     */
    public boolean streamable(byte[] head) {
        return switch (streaming) {
            case YES -> true;
            case NO -> false;
            case DEPENDS -> moviePrecedesMedia(head);
        };
    }

    /** Whether the beginning of a file says how long its audio is. */
    public boolean declaresLengthFirst() {
        return lengthFirst;
    }
}
