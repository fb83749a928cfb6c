package dev.tomp3.auth;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** An account. {@link Users} changes it only while it holds a lock on its row. */
@Entity
@Table(name = "users")
class User {
    static final String USER = "user";
    static final String ADMIN = "admin";

    @Id private String id;

    private String email;
    private String passwordHash;
    private boolean admin;
    private boolean disabled;
    private boolean confirmed;

    /** A claim of every token; a token of an earlier generation is invalid. */
    private int tokenGeneration;

    private long createdAt; // milliseconds since 1970, independent of the database's time zone

    @SuppressWarnings("NullAway.Init")
    protected User() {} // for JPA

    User(
            EmailAddress email,
            String passwordHash,
            boolean admin,
            boolean confirmed,
            Instant createdAt) {
        this.id = UUID.randomUUID().toString();
        this.email = email.value();
        this.passwordHash = passwordHash;
        this.admin = admin;
        this.confirmed = confirmed;
        this.createdAt = createdAt.toEpochMilli();
    }

    String id() {
        return id;
    }

    String email() {
        return email;
    }

    String passwordHash() {
        return passwordHash;
    }

    boolean admin() {
        return admin;
    }

    boolean disabled() {
        return disabled;
    }

    boolean confirmed() {
        return confirmed;
    }

    int tokenGeneration() {
        return tokenGeneration;
    }

    Instant createdAt() {
        return Instant.ofEpochMilli(createdAt);
    }

    List<String> roles() {
        return admin ? List.of(USER, ADMIN) : List.of(USER);
    }

    void admin(boolean yes) {
        admin = yes;
    }

    void disabled(boolean yes) {
        disabled = yes;
    }

    /** Invalidates all tokens issued so far. */
    void passwordHash(String hash) {
        passwordHash = hash;
        tokenGeneration++;
    }
}
