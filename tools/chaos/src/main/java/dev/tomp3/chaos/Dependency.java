package dev.tomp3.chaos;

/** What the services depend on. */
enum Dependency {
    BROKER,
    MONGODB,
    MYSQL,
    AUTH,

    /** The disk of the media store. */
    DISK
}
