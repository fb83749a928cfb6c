package dev.tomp3.converter;

/** A disk without room, for those who may not make one. */
public final class ToFullDisk {
    /** Calls an ffmpeg with {@code /dev/full} for its last argument, when that is an MP3. */
    public static final String SCRIPT =
            """
            for last; do :; done
            case "$last" in
            *.mp3)
              count=$#
              while [ "$count" -gt 1 ]; do
                set -- "$@" "$1"
                shift
                count=$((count - 1))
              done
              shift
              set -- "$@" /dev/full ;;
            esac
            exec %s "$@"
            """;

    private ToFullDisk() {}
}
