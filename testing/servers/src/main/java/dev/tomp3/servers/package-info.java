/**
 * The broker and the stores that tests run on.
 *
 * <p>Embedded in this JVM, unless {@code TEST_BACK_ENDS=containers} asks for real ones in
 * containers, or the environment names one: {@code TEST_RABBITMQ_URI}, {@code TEST_MONGODB_URI},
 * {@code TEST_MYSQL_URI}. What was asked for and is not there fails the tests.
 */
@NullMarked
package dev.tomp3.servers;

import org.jspecify.annotations.NullMarked;
