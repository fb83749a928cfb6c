package dev.tomp3.converter;

/** A disk without room, for those who may not make one. */
public final class ToFullDisk {
    /** Calls an ffmpeg with {@code /dev/full} for each argument that is an MP3. */
    public static final String SCRIPT =
            """
            count=$#
            while [ "$count" -gt 0 ]; do
              case "$1" in
              *.mp3) set -- "$@" /dev/full ;;
              *) set -- "$@" "$1" ;;
              esac
              shift
              count=$((count - 1))
            done
            exec %s "$@"
            """;

    private ToFullDisk() {}
}
