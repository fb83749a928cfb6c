package dev.tomp3.converter;

import dev.tomp3.contract.media.MediaStore;

/** A video in the media store, of which the length in bytes is known. */
record Source(MediaStore store, MediaStore.Bucket bucket, String id, long bytes) {}
