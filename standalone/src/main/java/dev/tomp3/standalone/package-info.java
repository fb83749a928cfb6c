/** All four services in one JVM on embedded servers. */
@NullMarked
package dev.tomp3.standalone;

import org.jspecify.annotations.NullMarked;
