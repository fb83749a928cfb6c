package dev.tomp3.converter.mp3;

/** The bytes are not an MP3 as this service writes it. */
public final class MalformedMp3 extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedMp3(String message) {
        super(message);
    }
}
