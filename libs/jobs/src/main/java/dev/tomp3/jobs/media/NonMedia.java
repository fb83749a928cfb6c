package dev.tomp3.jobs.media;

import static dev.tomp3.jobs.media.Signature.anyOf;
import static dev.tomp3.jobs.media.Signature.at;
import static dev.tomp3.jobs.media.Signature.brand;
import static dev.tomp3.jobs.media.Signature.bytes;
import static dev.tomp3.jobs.media.Signature.riff;
import static dev.tomp3.jobs.media.Signature.words;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Files that are recognisably something other than media, so that an upload of one is rejected at
 * once. Everything else is accepted: real recordings may begin with junk, zeros or the second half
 * of a frame, and only ffmpeg can tell.
 *
 * <p>This is for the user, not for security: a file that passes is still opened with the demuxers
 * of {@link MediaFormat} alone.
 */
public enum NonMedia {
    EMPTY("It is empty", NonMedia::isEmpty),
    /** Which may have binary data behind their first lines. */
    DOCUMENT(
            "It is a document",
            anyOf(
                    words("%PDF-", "%!PS", "{\\rtf", "<?xml", "<!doctype", "<html"),
                    words("#EXTM3U", "ffconcat"),
                    bytes("d0cf11e0a1b11ae1", "c5d0d3c6"))), // older Office, EPS
    ARCHIVE(
            "It is an archive or a disk image",
            anyOf(
                    bytes("504b0304", "504b0506", "504b0708"), // ZIP, newer Office, JAR
                    bytes("377abcaf271c", "526172211a07"), // 7z, RAR
                    bytes("1f8b08", "fd377a585a00"), // gzip, xz
                    bytes("28b52ffd", "04224d18"), // zstd, LZ4
                    bytes("4d53434600000000"), // CAB
                    NonMedia::isBzip2,
                    at(0, "!<arch>\n", "070701", "LZIP"),
                    at(257, "ustar"),
                    at(32_769, "CD001", "BEA01"))), // ISO 9660, UDF
    PICTURE(
            "It is a picture",
            anyOf(
                    bytes("ffd8ff", "89504e470d0a1a0a"), // JPEG, PNG
                    bytes("49492a00", "4d4d002a", "49492b00", "4d4d002b"), // TIFF, BigTIFF
                    at(0, "GIF87a", "GIF89a", "8BPS", "gimp xcf", "AT&TFORM"), // 8BPS: Photoshop
                    riff("WEBP", "ACON"),
                    brand("mif1", "mif2", "msf1", "heic", "heix", "heim", "heis", "hevc", "hevx"),
                    brand("avif", "avis", "crx ", "jp2 ", "jxl "),
                    at(4, "jP  \r\n\u0087\n", "JXL \r\n\u0087\n"),
                    NonMedia::isBitmap,
                    NonMedia::isIcon)),
    PROGRAM(
            "It is a program",
            anyOf(
                    bytes("7f454c46", "0061736d", "cafebabe"), // ELF, WebAssembly, Java
                    bytes("feedface", "feedfacf", "cefaedfe", "cffaedfe"), // Mach-O
                    at(0, "#!/", "#! /", "dex\n"),
                    NonMedia::isWindowsProgram)),
    DATABASE(
            "It is a database",
            anyOf(at(0, "SQLite format 3\0"), at(4, "Standard Jet DB", "Standard ACE DB"))),
    FONT("It is a font", anyOf(at(0, "OTTO\0", "ttcf\0", "wOFF", "wOF2"), NonMedia::isTrueType)),
    /** Playlists, lists for ffmpeg, subtitles, JSON, YAML and source code among it. */
    TEXT("It is text", PlainText::matches);

    private final String reason;

    @SuppressWarnings("ImmutableEnumChecker") // the signatures have no state
    private final Signature signature;

    NonMedia(String reason, Signature signature) {
        this.reason = reason;
        this.signature = signature;
    }

    /**
     * What a file is that is not media; empty when it may be media.
     *
     * @param head its first {@link MediaFormat#HEAD_BYTES}, or all of it when it is shorter
     */
    public static Optional<NonMedia> of(byte[] head) {
        return Arrays.stream(values()).filter(kind -> kind.signature.matches(head)).findFirst();
    }

    /** The reason for the user: the beginning of a sentence, {@code It is a picture}. */
    public String reason() {
        return reason;
    }

    /** Whether the whole file is zeros. Behind more zeros than these, there may be media. */
    private static boolean isEmpty(byte[] head) {
        if (head.length == MediaFormat.HEAD_BYTES) return false;
        for (byte each : head) if (each != 0) return false;
        return true;
    }

    private static boolean isBzip2(byte[] head) {
        return at(0, "BZh").matches(head)
                && at(4, "1AY&SY", "\u0017rE8P\u0090").matches(head); // a block, or the end
    }

    /** BMP: the size of the header that follows the file's own one tells it from chance. */
    private static boolean isBitmap(byte[] head) {
        return at(0, "BM").matches(head)
                && head.length >= 18
                && little(head).getInt(6) == 0
                && Set.of(12, 40, 52, 56, 64, 108, 124).contains(little(head).getInt(14));
    }

    /** ICO, CUR: the first picture lies behind the directory. */
    private static boolean isIcon(byte[] head) {
        return bytes("00000100", "00000200").matches(head)
                && head.length >= 22
                && little(head).getInt(18) == 6 + 16 * (little(head).getShort(4) & 0xffff);
    }

    private static boolean isWindowsProgram(byte[] head) {
        if (!at(0, "MZ").matches(head) || head.length < 64) return false;
        int header = little(head).getInt(60);
        return header > 0 && at(header, "PE\0\0", "NE", "LE", "LX").matches(head);
    }

    /** TrueType: its directory says twice how many tables there are. */
    private static boolean isTrueType(byte[] head) {
        if (!bytes("00010000", "74727565").matches(head) || head.length < 12) return false;
        ByteBuffer directory = ByteBuffer.wrap(head);
        int tables = directory.getShort(4);
        return tables > 0 && directory.getShort(6) == 16 * Integer.highestOneBit(tables);
    }

    private static ByteBuffer little(byte[] head) {
        return ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    }
}
