/** A broker and a document store that run inside the JVM. */
@NullMarked
package dev.tomp3.embedded;

import org.jspecify.annotations.NullMarked;
