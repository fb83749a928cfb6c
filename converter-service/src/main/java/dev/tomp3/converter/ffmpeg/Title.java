package dev.tomp3.converter.ffmpeg;

/** The title that the MP3 gets when the source has none. */
public final class Title {
    private static final int MAX_LENGTH = 250;

    private Title() {}

    /**
     * The title for a file of this name: without directories, file name extension and control
     * characters, and of limited length.
     */
    public static String ofFile(String fileName) {
        String name =
                fileName.substring(
                        Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
        int dot = name.lastIndexOf('.');
        String title =
                (dot > 0 ? name.substring(0, dot) : name)
                        .replaceAll("[\\p{Cc}\\p{Cs}\\p{Co}\\u2028\\u2029]", " ")
                        .strip();
        return title.isEmpty()
                ? "Untitled"
                : title.codePoints()
                        .limit(MAX_LENGTH)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString();
    }
}
