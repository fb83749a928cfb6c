package dev.tomp3.chaos;

/** What a service talks to. */
enum BackEnd {
    BROKER,
    DOCUMENTS,
    USERS,
    AUTH
}
