/** @type {import('next').NextConfig} */
export default {
  transpilePackages: ['@shop/prices'],
}
