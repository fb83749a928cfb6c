package dev.tomp3.jobs.media;

import static dev.tomp3.jobs.media.Signature.adtsFrame;
import static dev.tomp3.jobs.media.Signature.anyOf;
import static dev.tomp3.jobs.media.Signature.bytes;
import static dev.tomp3.jobs.media.Signature.layer3Frame;
import static dev.tomp3.jobs.media.Signature.moviePrecedesMedia;
import static dev.tomp3.jobs.media.Signature.riff;
import static dev.tomp3.jobs.media.Signature.transportStream;

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
 * <p>The converter opens a file with the demuxers of these formats and with no others, regardless
 * of its first bytes. An ffmpeg that does not know a demuxer ignores its name.
 */
public enum MediaFormat {
    MP4("MP4, M4A, MOV, 3GP", moviePrecedesMedia(), true, "mov,mp4,m4a,3gp,3g2,mj2"),
    MATROSKA("MKV, WebM", bytes("1a45dfa3"), true, "matroska,webm"),
    AVI("AVI", true, "avi"),
    FLV("FLV", false, "flv,live_flv"),
    MPEG_TS("MPEG-TS", transportStream(), false, "mpegts"),
    MPEG_PS("MPEG-PS", false, "mpeg"),
    ASF("ASF/WMV/WMA", true, "asf"),
    OGG("OGG/Opus", bytes("4f676753"), false, "ogg"),
    WAV("WAV (with RF64, BW64 and W64)", riff("WAVE"), false, "wav,w64"),
    AIFF("AIFF", false, "aiff"),
    CAF("CAF", false, "caf"),
    AU("AU", false, "au"),
    FLAC("FLAC", bytes("664c6143"), true, "flac"),
    WAVPACK("WavPack", false, "wv"),
    APE("APE", false, "ape"),
    TTA("TTA", false, "tta"),
    MUSEPACK("Musepack", false, "mpc,mpc8"),
    TRUEHD("TrueHD", false, "truehd,mlp"),
    AC3("AC-3, E-AC-3", false, "ac3,eac3"),
    DTS("DTS", false, "dts,dtshd"),
    AMR("AMR", false, "amr,amrnb,amrwb"),
    AAC("AAC", adtsFrame(), false, "aac,loas"),
    MP3("MP3, MP2, MP1", anyOf(bytes("494433"), layer3Frame()), false, "mp3");

    /**
     * This many of a file's first bytes are enough for {@link #isStreamable} and {@link
     * NonMedia#of}: the latter finds the mark of a disk image behind its first 32 KiB.
     */
    public static final int HEAD_BYTES = 33 * 1024;

    private final String displayName;

    @SuppressWarnings("ImmutableEnumChecker") // the signatures have no state
    private final Signature streamable;

    private final boolean lengthFirst;

    /** ffmpeg's names, separated by commas. */
    private final String demuxers;

    MediaFormat(String displayName, Signature streamable, boolean lengthFirst, String demuxers) {
        this.displayName = displayName;
        this.streamable = streamable;
        this.lengthFirst = lengthFirst;
        this.demuxers = demuxers;
    }

    MediaFormat(String displayName, boolean lengthFirst, String demuxers) {
        this(displayName, head -> false, lengthFirst, demuxers);
    }

    /**
     * Whether a reader that gets a file from its first byte on can decode what has arrived so far,
     * because the file is recognized as one of a format for which that is true. An index at the end
     * may say what is in other files.
     */
    public static boolean isStreamable(byte[] head) {
        return Arrays.stream(values()).anyMatch(format -> format.streamable.matches(head));
    }

    /** The format that ffmpeg opened, from the demuxer's names with commas between them. */
    public static Optional<MediaFormat> ofDemuxer(String names) {
        String first = names.split(",", 2)[0];
        return Arrays.stream(values())
                .filter(format -> format.demuxerNames().contains(first))
                .findFirst();
    }

    /** The names of all formats, for people: {@code MP4, M4A, ... and MP1}. */
    public static String displayNames() {
        String all = String.join(", ", Arrays.stream(values()).map(f -> f.displayName).toList());
        int last = all.lastIndexOf(", ");
        return all.substring(0, last) + " and " + all.substring(last + 2);
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

    /** Whether the beginning of a file says how long its audio is. */
    public boolean declaresLengthFirst() {
        return lengthFirst;
    }
}
