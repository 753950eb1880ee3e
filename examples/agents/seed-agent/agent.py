from openai import OpenAI
import requests

client = OpenAI()

def main():
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "Hello"}]
    )
    print(response.choices[0].message.content)

if __name__ == "__main__":
    main()
