package dev.tomp3.standalone;

final class Standalone {
    private Standalone() {}

    public static void main(String[] args) {}
}
