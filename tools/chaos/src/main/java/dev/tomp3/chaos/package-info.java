/** What the system does when everything around it fails. */
@NullMarked
package dev.tomp3.chaos;

import org.jspecify.annotations.NullMarked;
