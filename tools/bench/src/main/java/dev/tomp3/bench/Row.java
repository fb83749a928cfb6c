package dev.tomp3.bench;

import java.util.EnumSet;
import java.util.Set;

/** The measurements, with their names on the command line. */
enum Row {
    CLIP("clip"),
    TEN("10min"),
    TEN_END("10min-end"),
    SIXTY("60min"),
    SIXTY_END("60min-end"),
    SIXTY_MKV("60min-mkv"),
    AUDIO("3h-audio"),
    TRACK("track"),
    GRIDFS("gridfs"),
    CLIPS("clips"),
    CONVERTERS("converters"),
    REQUESTS("requests"),
    DOWNLOADS("downloads"),
    BACKLOG("backlog"),
    LARGE("large");

    static final Set<Row> QUICK = EnumSet.of(CLIP, TEN, CLIPS, REQUESTS);

    final String name;

    Row(String name) {
        this.name = name;
    }
}
