package dev.tomp3.converter.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An audio track of a transport stream, as long as one announcement of its programme holds. Private
 * data of which no descriptor tells the codec may be audio, too.
 */
final class AudioTrack {
    /** So many packets show that a track is in use, although another one is announced as before. */
    static final int MANY_PACKETS = 100;

    private static final int PRIVATE = 0x06;
    private static final String PERHAPS = "";
    private static final int REGISTRATION = 0x05;
    private static final int LANGUAGE = 0x0a;
    private static final int EXTENSION = 0x7f;
    private static final int AC_4 = 0x15;

    /** Stream types: MPEG audio, AAC, MPEG-H, AC-3, DTS, and encrypted ones. */
    private static final Set<Integer> AUDIO =
            Set.of(0x03, 0x04, 0x0f, 0x11, 0x1c, 0x2d, 0x2e, 0x81, 0x87, 0x8a, 0xc1, 0xc2, 0xcf);

    /** Stream types of a Blu-ray disc. */
    private static final Set<Integer> HDMV_AUDIO =
            Set.of(0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0xa1, 0xa2);

    /** Descriptors of AC-3, E-AC-3, DTS and AAC (ETSI EN 300 468). */
    private static final Set<Integer> AUDIO_DESCRIPTORS = Set.of(0x6a, 0x7a, 0x7b, 0x7c);

    private static final Set<String> AUDIO_FORMATS =
            Set.of("AC-3", "EAC3", "AC-4", "BSSD", "DTS1", "DTS2", "DTS3", "Opus", "mp4a");

    private static final int HEADER = 5;

    private final int pid;
    private final String codec;
    private final String language;
    private long first = -1;
    private long last = -1;
    private long packets;
    private long scrambled;

    private AudioTrack(int pid, String codec, String language) {
        this.pid = pid;
        this.codec = codec;
        this.language = language;
    }

    /** The audio tracks that a programme map announces. */
    static List<AudioTrack> of(ByteBuffer map) {
        List<AudioTrack> tracks = new ArrayList<>();
        if (map.limit() < 4) return tracks;
        int at = 4 + (map.getShort(2) & 0xfff);
        if (at > map.limit()) return tracks;
        boolean bluRay = new Descriptors(map.slice(4, at - 4)).format.equals("HDMV");
        while (at + HEADER <= map.limit()) {
            int type = map.get(at) & 0xff;
            int pid = map.getShort(at + 1) & 0x1fff;
            int length = map.getShort(at + 3) & 0xfff;
            at += HEADER;
            if (length > map.limit() - at) return tracks;
            Descriptors descriptors = new Descriptors(map.slice(at, length));
            at += length;
            boolean audio =
                    AUDIO.contains(type)
                            || (bluRay && HDMV_AUDIO.contains(type))
                            || !descriptors.codec.isEmpty();
            if (audio || type == PRIVATE) {
                String codec = audio ? type + descriptors.codec : PERHAPS;
                tracks.add(new AudioTrack(pid, codec, descriptors.language));
            }
        }
        return tracks;
    }

    private static final class Descriptors {
        String format = "";

        /** Empty unless they are those of audio. */
        String codec = "";

        String language = "";

        Descriptors(ByteBuffer bytes) {
            for (int at = 0; at + 2 <= bytes.limit(); ) {
                int tag = bytes.get(at) & 0xff;
                int length = bytes.get(at + 1) & 0xff;
                at += 2;
                if (length > bytes.limit() - at) return;
                if (tag == REGISTRATION && length >= 4) {
                    format = text(bytes, at, 4);
                    if (AUDIO_FORMATS.contains(format)) codec = format;
                } else if (tag == LANGUAGE && length >= 3) {
                    language = text(bytes, at, 3);
                } else if (AUDIO_DESCRIPTORS.contains(tag)
                        || (tag == EXTENSION && length > 0 && bytes.get(at) == AC_4)) {
                    codec = Integer.toHexString(tag);
                }
                at += length;
            }
        }

        private static String text(ByteBuffer bytes, int at, int length) {
            byte[] text = new byte[length];
            bytes.get(at, text);
            return new String(text, StandardCharsets.ISO_8859_1);
        }
    }

    void packet(long offset, boolean isScrambled) {
        if (isScrambled) {
            scrambled++;
            return;
        }
        if (packets++ == 0) first = offset;
        last = offset;
    }

    int pid() {
        return pid;
    }

    /** Whether it is known to be audio. */
    boolean isCertain() {
        return !codec.equals(PERHAPS);
    }

    /** Whether both are announced alike. */
    boolean isLike(AudioTrack other) {
        return continues(other) && language.equals(other.language);
    }

    /** Whether a decoder can go on with this track after another one. */
    boolean continues(AudioTrack other) {
        return pid == other.pid && codec.equals(other.codec);
    }

    boolean hasLanguageOf(AudioTrack other) {
        return !language.isEmpty() && language.equals(other.language);
    }

    boolean hasCodecOf(AudioTrack other) {
        return codec.equals(other.codec);
    }

    /** The offset of its first packet that is not scrambled; -1 without one. */
    long first() {
        return first;
    }

    long last() {
        return last;
    }

    /** Its packets that are not scrambled. */
    long packets() {
        return packets;
    }

    long scrambled() {
        return scrambled;
    }
}
