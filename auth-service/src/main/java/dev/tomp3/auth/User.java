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

    /** The password was set by an administrator and only serves to choose another one. */
    private boolean oneTimePassword;

    /** A claim of every token; a token of an earlier generation is invalid. */
    private int tokenGeneration;

    /** An API key of an earlier generation is invalid; read by {@link ApiKeys} in SQL. */
    @SuppressWarnings("UnusedVariable")
    private int keyGeneration;

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

    boolean hasOneTimePassword() {
        return oneTimePassword;
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

    /** A change revokes all tokens issued so far. */
    void admin(boolean yes) {
        if (admin != yes) endTokens();
        admin = yes;
    }

    /** Disabling revokes all tokens and API keys; enabling does not make them valid again. */
    void disabled(boolean yes) {
        if (yes && !disabled) {
            endTokens();
            keyGeneration++;
        }
        disabled = yes;
    }

    /** Revokes all tokens and API keys: someone who knew the old password may have made some. */
    void passwordHash(String hash) {
        passwordHash = hash;
        oneTimePassword = false;
        endTokens();
        keyGeneration++;
    }

    /** A password that only serves to choose another one; revokes all tokens and API keys. */
    void oneTimePasswordHash(String hash) {
        passwordHash(hash);
        oneTimePassword = true;
    }

    /** The same password, hashed in another way. */
    void rehashed(String hash) {
        passwordHash = hash;
    }

    /** Revokes all tokens issued so far, for good. */
    void endTokens() {
        tokenGeneration++;
    }
}
