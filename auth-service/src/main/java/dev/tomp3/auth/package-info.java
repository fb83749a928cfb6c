/** The auth service: users, passwords and tokens. */
@NullMarked
package dev.tomp3.auth;

import org.jspecify.annotations.NullMarked;
